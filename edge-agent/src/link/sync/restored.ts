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
  const until = source.unlistedUntil()
  if (until === undefined) return undefined
  const known = cache.unlisted(pods).map(keyTextOf)
  const what = known.length === 0 ? 'what it does not list' : `${known.length} pods that it does not list (such as ${known[0]})`
  return (
    `the hub is older than what it told this node before, as one restored from a backup: ${what} goes on until its version has passed ${until}; ` +
    `what is to stay has to be applied again, and what is to end before then ends with: kubectl annotate --overwrite node ${node} ${endUnlistedAnnotation}=${until}`
  )
}
