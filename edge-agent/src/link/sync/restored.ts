import { every } from '@bramble/shared/async/every.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { keyTextOf } from '@bramble/shared/api/object-key.ts'
import type { Cache } from '../../cache/cache.ts'
import type { Source } from '../../cache/source.ts'
import { nodes, pods } from '../../resources.ts'

/**
 * The operator's word that what a restored hub does not list may go now: an annotation of the Node, whose value is the version that the
 * condition names, so that it means this restore and no later one.
 */
export const endUnlistedAnnotation = 'bramble.io/end-unlisted'

export type RestoredDeps = { readonly cache: Cache; readonly source: Source; readonly node: string }

/** How long it stays, at the least, without that word. */
export type UnlistedGrace = { readonly graceMs: number; readonly checkMs: number }

// So long there is to read the condition and to apply again what is missed. An agent that restarts begins it anew.
export const unlistedGrace: UnlistedGrace = { graceMs: 24 * 3_600_000, checkMs: 60_000 }

/** Hands the operator's word on, as it is now and whenever the Node changes. Returns the unsubscriber. */
export function followRelease({ cache, source, node }: RestoredDeps): () => void {
  const release = () => {
    const version = cache.get(nodes, { name: node })?.metadata.annotations?.[endUnlistedAnnotation]
    if (version !== undefined) source.release(version)
  }
  release()
  return cache.subscribe(nodes, release)
}

/** What goes on although the hub does not list it, and how that ends; undefined when there is none. */
export function restoredProblem({ cache, source, node }: RestoredDeps): string | undefined {
  const unlisted = source.unlisted()
  if (unlisted === undefined) return undefined
  const { until } = unlisted
  const known = cache.unlisted(pods).map(keyTextOf)
  const what =
    known.length === 0 ? 'what it does not list goes on' : `pods that it does not list (${known.length}, such as ${known[0]}) go on`
  return (
    `the hub is older than what it told this node before, as one restored from a backup: ${what} for a day, and until its version has passed ${until}; ` +
    `what is to stay has to be applied again, and what is to end now ends with: kubectl annotate --overwrite node ${node} ${endUnlistedAnnotation}=${until}`
  )
}

export type ReleaseDeps = { readonly source: Source; readonly clock: Clock; readonly grace: UnlistedGrace }

/** Releases what stays once it has had its time and the hub has told what was not known before. */
export async function releaseInTime({ source, clock, grace }: ReleaseDeps, signal: AbortSignal): Promise<void> {
  const { graceMs, checkMs } = grace
  let waiting: { readonly until: string; readonly since: number } | undefined
  for await (const _ of every(checkMs, signal)) {
    const unlisted = source.unlisted()
    if (unlisted === undefined) waiting = undefined
    else if (waiting?.until !== unlisted.until) waiting = { until: unlisted.until, since: clock.monotonic() }
    else if (unlisted.isPassed && clock.monotonic() - waiting.since >= graceMs) source.release(unlisted.until)
  }
}
