import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { IndexedFields, Store, Write } from '../../../store/store.ts'

/**
 * What only one object may have at a time: addresses, ports (`Kind.claims`). Each is an entry of the store with its owner's key,
 * written in the owner's own transaction: whoever finds it taken there loses the race, in whatever hub, and nothing is left over
 * from a write that did not happen.
 */
const root = '/claims/'

const scopeOf = (kind: Kind) => `${root}${kind.resource}/`
const claimKey = (kind: Kind, claim: string) => scopeOf(kind) + claim

export const isClaims = (key: string): boolean => key.startsWith(root)
export const fieldsOfClaim = (owner: string): IndexedFields => ({ owner })

/** The key of the object that has it. */
export const ownerOf = (store: Store, kind: Kind, claim: string): string | undefined => store.get(claimKey(kind, claim))?.value

export type Claiming = {
  readonly key: string
  readonly object: KubeObject | undefined
  /** As it was. What it has asked for already and another has was told when the hub started; its status and its end must not wait for that. */
  readonly before?: KubeObject
}

/** What has to be written with an object, or with its end. Of one that cannot be read any more as well: the store knows its owner. */
export function claimWrites(store: Store, kind: Kind, { key, object, before }: Claiming): readonly Write[] {
  if (kind.claims === undefined) return []
  const known = new Set(before === undefined ? [] : kind.claims(before))
  const mayHave = (claim: string) => !known.has(claim) || [undefined, key].includes(ownerOf(store, kind, claim))
  const wanted = new Set((object === undefined ? [] : kind.claims(object)).filter(mayHave).map((claim) => claimKey(kind, claim)))
  const has = store.list(scopeOf(kind), { where: { field: 'owner', value: key } }).entries
  const writes: Write[] = []
  for (const { key: claim, revision } of has) if (!wanted.delete(claim)) writes.push({ key: claim, value: null, expected: revision })
  for (const claim of wanted) writes.push({ key: claim, value: key, expected: 0 })
  return writes
}
