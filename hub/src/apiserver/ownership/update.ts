import { capped } from './capped.ts'
import { difference, isEmpty, union } from './field-set.ts'
import { withoutIdentity } from './ownable.ts'
import { identityOf, type Owner, type Owners, withFields } from './owners.ts'
import { comparisons, type Step, type Versions } from './versions.ts'

export type Writer = { readonly manager: string; readonly now: string }

/**
 * Who owns what after a write that is no apply. What it sets is its writer's alone, what it removes is nobody's. Objects whose owners were
 * forgotten have none, until somebody applies.
 */
export function ownersAfterUpdate(versions: Versions, step: Step, owners: Owners, { manager, now }: Writer): Owners {
  if (owners.size === 0 && step.before !== undefined) return owners
  const comparisonIn = comparisons(versions, step)
  const own = comparisonIn(step.apiVersion)
  if (own === undefined || (isEmpty(own.added) && isEmpty(own.removed) && isEmpty(own.modified))) return owners
  const set = withoutIdentity(union(own.added, own.modified))
  const { place, apiVersion } = step
  const writer = { manager: manager === '' ? 'unknown' : manager, operation: 'Update', apiVersion, subresource: place.subresource } as const
  const self = identityOf(writer)
  const next = new Map(owners)
  for (const [identity, owner] of owners) {
    const change = comparisonIn(owner.apiVersion)
    if (change === undefined) next.delete(identity)
    else {
      // What a writer owns already and sets again stays his.
      const lost = identity === self ? change.removed : union(union(change.added, change.modified), change.removed)
      withFields(next, identity, owner, difference(versions.today(owner.apiVersion, owner.fields), lost))
    }
  }
  if (!isEmpty(set)) next.set(self, { ...writer, time: now, fields: union(next.get(self)?.fields ?? {}, set) } satisfies Owner)
  return capped(next)
}
