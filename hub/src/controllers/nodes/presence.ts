import type { Lease } from '@bramble/shared/kinds/lease.ts'

/** Set by the gateway when a node's connection was lost without a goodbye, and taken away when the node is welcomed back. */
export const disconnectedAtAnnotation = 'bramble.io/disconnected-at'
/** Kubernetes' node monitor grace period: a node renews every 10 s, so this is four renewals missed. */
export const graceMs = 40_000

/** What we have seen of a node's Lease by our own clock: the node's clock plays no part. */
export type Heard = {
  readonly renewal: string
  readonly atMs: number
  /** There was a change while we looked: proof of life, which the first look at a Lease is not. */
  readonly isAlive: boolean
}

export type Presence =
  /** Worth another look after `checkInMs`. */
  { readonly type: 'present'; readonly checkInMs: number } | { readonly type: 'lost'; readonly message: string }

/** The gateway's welcome is news of the node as much as a renewal is. */
export const renewalOf = (lease: Lease | undefined): string =>
  lease === undefined
    ? 'none'
    : `${lease.metadata.uid ?? ''} ${lease.spec?.renewTime ?? ''} ${lease.metadata.annotations?.[disconnectedAtAnnotation] ?? ''}`

/** A Lease that was never there counts from when we first looked. */
export function presenceOf(lease: Lease | undefined, heard: Heard, nowMs: number): Presence {
  const disconnectedAt = lease?.metadata.annotations?.[disconnectedAtAnnotation]
  if (disconnectedAt !== undefined)
    return { type: 'lost', message: `The node's connection was lost at ${disconnectedAt} without a goodbye.` }
  const silentMs = nowMs - heard.atMs
  if (silentMs < graceMs) return { type: 'present', checkInMs: graceMs - silentMs }
  const since = lease?.spec?.renewTime
  return {
    type: 'lost',
    message: since === undefined ? 'The node has not been heard of.' : `The node has not been heard of since ${since} (its clock).`,
  }
}
