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
  const next = new Map(owners)
  for (const [identity, owner] of owners) {
    const change = comparisonIn(owner.apiVersion)
    if (change === undefined) next.delete(identity)
    else
      withFields(
        next,
        identity,
        owner,
        difference(versions.today(owner.apiVersion, owner.fields), union(union(change.added, change.modified), change.removed)),
      )
  }
  const set = withoutIdentity(union(own.added, own.modified))
  if (!isEmpty(set)) {
    const writer = {
      manager: manager === '' ? 'unknown' : manager,
      operation: 'Update',
      apiVersion: step.apiVersion,
      subresource: step.place.subresource,
    } as const
    const identity = identityOf(writer)
    const fields = union(next.get(identity)?.fields ?? {}, set)
    next.set(identity, { ...writer, time: now, fields } satisfies Owner)
  }
  return capped(next)
}
