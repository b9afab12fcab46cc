import { union } from './field-set.ts'
import { identityOf, type Owner, type Owners, secondsOf } from './owners.ts'

/** So many who update are told apart; who has not written for the longest are one together. */
const maxUpdaters = 10

const ancient = 'ancient-changes'

/** Otherwise everybody who ever wrote under a name of his own would be kept with the object. */
export function capped(owners: Map<string, Owner>): Owners {
  const updaters = [...owners].filter(([, { operation }]) => operation === 'Update')
  if (updaters.length <= maxUpdaters) return owners
  updaters.sort(([a, one], [b, other]) => secondsOf(one) - secondsOf(other) || (a < b ? -1 : 1))
  const firstOfVersion = new Map<string, string>()
  let count = updaters.length
  for (const [identity, owner] of updaters) {
    if (count <= maxUpdaters) break
    const first = firstOfVersion.get(owner.apiVersion)
    if (first === undefined) {
      firstOfVersion.set(owner.apiVersion, identity)
      continue
    }
    const together = { manager: ancient, operation: 'Update', apiVersion: owner.apiVersion, subresource: '' } as const
    const bucket = identityOf(together)
    const known = owners.get(bucket) ?? owners.get(first)
    if (!owners.has(bucket)) owners.delete(first)
    owners.delete(identity)
    owners.set(bucket, { ...together, time: owner.time, fields: union(known?.fields ?? {}, owner.fields) })
    count -= 1
  }
  return owners
}
