import type { User } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { type Node, nodes } from '@bramble/shared/kinds/node.ts'
import { nodePeer } from '@bramble/shared/api/node-peer.ts'
import type { Entry } from '../../store/store.ts'
import { nodeNameOf } from '../authz/node-user.ts'
import { type EventTexts, freshEventTexts } from './event-texts.ts'
import { deepFreeze } from '../json.ts'
import type { Registry } from '../objects/registry.ts'

/** The stored objects as somebody is shown them, in every form of an answer: gets, lists, watch events, tables. */
export type View = { readonly registry: Registry; readonly texts: EventTexts }

/**
 * What a node says of itself goes to every other node: each is shown what it needs of the others and nothing else, so that no Node can
 * fill the memory of all. Its own it sees whole. Everybody else sees everything.
 */
export type NodeViews = (user: User, kind: Kind) => View | undefined

export function createNodeViews(registry: Registry): NodeViews {
  const shown = createShown(registry)
  return (user, kind) => {
    if (kind !== nodes) return undefined
    const node = nodeNameOf(user)
    if (node === undefined) return undefined
    const own = registry.keyOf(nodes, undefined, node)
    const peers = viewed(registry, (kind, entry) => (entry.key === own ? undefined : shown(kind, entry)))
    return { registry: peers, texts: freshEventTexts(peers) }
  }
}

/** `body`: the text but for the revision. */
type Shown = { readonly object: KubeObject; readonly text: string; readonly body: string; readonly of: string }

const viewed = (registry: Registry, shownOf: (kind: Kind, entry: Entry) => Shown | undefined): Registry => ({
  ...registry,
  // A node that told of its images is news to nobody else: a thousand nodes would be told a thousand times at each of them.
  looksSame(kind, before, after) {
    const [known, now] = [shownOf(kind, before), shownOf(kind, after)]
    return known !== undefined && known.body === now?.body
  },
  textOf: (kind, entry) => shownOf(kind, entry)?.text ?? registry.textOf(kind, entry),
  objectOf: <T extends KubeObject>(kind: Kind<T>, entry: Entry) =>
    (shownOf(kind, entry)?.object as T | undefined) ?? registry.objectOf(kind, entry), // a view changes no type
})

/** What has been shown lately, made once for all nodes: enough for a fleet that comes back at once. */
const keptCount = 4_096
const keptLength = 4 * 1024 * 1024

function createShown(registry: Registry) {
  // By revision, which is one change of one key.
  const kept = new Map<number, Shown>()
  let length = 0
  return (kind: Kind, entry: Entry): Shown => {
    const known = kept.get(entry.revision)
    // A watcher may be shown what an object was at the revision of what it has become.
    if (known !== undefined && known.of === entry.value) return known
    const object = deepFreeze<KubeObject>(nodePeer(registry.objectOf<KubeObject>(kind, entry) as Node)) // asked for Nodes only
    const { resourceVersion: _, ...metadata } = object.metadata
    const made = { object, text: JSON.stringify(object), body: JSON.stringify({ ...object, metadata }), of: entry.value }
    kept.delete(entry.revision)
    kept.set(entry.revision, made)
    length += made.text.length - (known?.text.length ?? 0)
    for (const [oldest, { text }] of kept) {
      if (kept.size <= keptCount && length <= keptLength) break
      kept.delete(oldest)
      length -= text.length
    }
    return made
  }
}
