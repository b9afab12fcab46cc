import { NotYetConverted } from './converting.ts'
import { conflictError, type Conflict, conflictsWithout } from './conflicts.ts'
import { configuredFields } from './fields-of.ts'
import { difference, empty, type FieldSet, intersection, isEmpty, union } from './field-set.ts'
import { lastAppliedFields, withLastApplied } from './last-applied.ts'
import { merged, without } from './merge.ts'
import { type Place, reachable, withoutIdentity } from './ownable.ts'
import { identityOf, nobody, type Owner, type Owners, withFields } from './owners.ts'
import { ownersAfterUpdate } from './update.ts'
import { comparisons, type Versions } from './versions.ts'
import { withNamedFields } from './by-type.ts'

export type Application = {
  readonly versions: Versions
  /** Undefined: there is none yet. */
  readonly live: object | undefined
  /** What is wanted, in a version of its own; it has no type problems. */
  readonly config: object
  readonly apiVersion: string
  readonly place: Place
  readonly owners: Owners
  readonly manager: string
  /** What others own may be taken from them. */
  readonly isForced: boolean
  readonly now: string
}

/** The object as it will be, not yet checked or defaulted, and who owns what of it. */
export type Applied = { readonly object: object; readonly owners: Owners }

/** kubectl's own name: what it has applied before in the client is no conflict when it applies in the server. */
const kubectl = 'kubectl'

/**
 * Lays a configuration over an object. Its manager owns what stands in it, with whoever owns that already; what stood in the one before and
 * stands there no more goes, unless somebody else owns it. Throws if it would change what somebody else owns.
 */
export function applied(application: Application): Applied {
  const { versions, live, apiVersion, place, now } = application
  const isUntracked = application.owners.size === 0 && live !== undefined
  const owners = isUntracked
    ? ownersAfterUpdate(versions, { before: undefined, after: live, apiVersion, place }, nobody, { manager: 'before-first-apply', now })
    : application.owners
  const attempt = attempted({ ...application, owners })
  if (application.manager !== kubectl) {
    if (attempt.conflicts.length > 0 && !application.isForced) throw conflictError(attempt.conflicts)
    return attempt
  }
  const noted = { object: withLastApplied(attempt.object, application.config), owners: attempt.owners }
  if (attempt.conflicts.length === 0 || application.isForced) return noted
  const allowed = lastAppliedFields(versions.nodeOf(apiVersion), live, apiVersion)
  const left = allowed === undefined ? attempt.conflicts : conflictsWithout(attempt.conflicts, allowed)
  if (left.length > 0) throw conflictError(left)
  return noted
}

type Attempt = Applied & { readonly conflicts: readonly Conflict[] }

/** As if it were forced, with what it would have been forced against. */
function attempted({ versions, live, config, apiVersion, place, owners: known, manager, now }: Application): Attempt {
  const owners = new Map<string, Owner>()
  for (const [identity, owner] of known) owners.set(identity, { ...owner, fields: versions.today(owner.apiVersion, owner.fields) })
  const applier = { manager, operation: 'Apply', apiVersion, subresource: place.subresource } as const
  const identity = identityOf(applier)
  const last = owners.get(identity)
  const node = versions.nodeOf(apiVersion)
  if (node === undefined) throw new Error(`${apiVersion} is not served`)
  const fields = reachable(configuredFields(node, config), place)
  owners.set(identity, { ...applier, time: now, fields })
  const whole = merged(node, live, config) as object // of objects comes an object
  const object = prunedIfPossible(versions, whole, { owners, last, fields, apiVersion })

  const comparisonIn = comparisons(versions, { before: live, after: object, apiVersion, place })
  const conflicts: Conflict[] = []
  const next = new Map(owners)
  for (const [other, owner] of owners) {
    if (other === identity) continue
    const change = comparisonIn(owner.apiVersion)
    if (change === undefined) {
      next.delete(other)
      continue
    }
    const taken = union(change.added, change.modified)
    const disputed = intersection(owner.fields, taken)
    if (!isEmpty(disputed)) conflicts.push({ owner, fields: disputed })
    withFields(next, other, owner, difference(owner.fields, union(taken, change.removed)))
  }
  const own = withoutIdentity(fields)
  if (isEmpty(own)) next.delete(identity)
  else next.set(identity, { ...applier, time: now, fields: own })
  return { object, owners: next, conflicts }
}

type Pruning = { readonly owners: Owners; readonly last: Owner | undefined; readonly fields: FieldSet; readonly apiVersion: string }

/** A conversion between versions may need what has gone for good reason. Then it stays, and is nobody's. */
function prunedIfPossible(versions: Versions, object: object, pruning: Pruning): object {
  const isOfOneVersion = [...pruning.owners.values()].every(({ apiVersion }) => apiVersion === pruning.apiVersion)
  if (isOfOneVersion && pruning.last?.apiVersion === pruning.apiVersion) return pruned(versions, object, pruning)
  try {
    return pruned(versions, object, pruning)
  } catch (error) {
    if (error instanceof NotYetConverted) throw error
    return object
  }
}

/** Without what its manager has applied before and does not any more, if nobody else owns it. */
function pruned(versions: Versions, object: object, { owners, last, fields, apiVersion }: Pruning): object {
  if (last === undefined || isEmpty(difference(last.fields, fields))) return object
  const version = last.apiVersion
  const node = versions.nodeOf(version)
  if (node === undefined) return object
  const full = versions.convert(object, apiVersion, version)
  const before = withNamedFields(node, last.fields)
  const fieldsOf = (value: object, of = node): FieldSet => withNamedFields(of, configuredFields(of, value))

  // Everything that was applied goes, and what somebody owns comes back.
  let [kept, keptIn] = [(without(node, full, before) ?? {}) as object, version]
  for (const [owned, set] of ownedByVersion(owners, version)) {
    const type = versions.nodeOf(owned)
    if (type === undefined) continue
    const [all, rest] = [versions.convert(object, apiVersion, owned), versions.convert(kept, keptIn, owned)]
    const gone = difference(fieldsOf(all, type), union(fieldsOf(rest, type), withNamedFields(type, set)))
    ;[kept, keptIn] = [(without(type, all, gone) ?? {}) as object, owned]
  }
  // What went along with it and was never applied comes back as well.
  const left = fieldsOf(versions.convert(kept, keptIn, version))
  const gone = intersection(difference(fieldsOf(full), left), before)
  return versions.convert((without(node, full, gone) ?? {}) as object, version, apiVersion)
}

/** The version that things go in comes first: others may not be able to say what is left. */
function ownedByVersion(owners: Owners, first: string): ReadonlyMap<string, FieldSet> {
  const sets = new Map<string, FieldSet>([[first, empty]])
  for (const { apiVersion, fields } of owners.values()) sets.set(apiVersion, union(sets.get(apiVersion) ?? empty, fields))
  return sets
}
