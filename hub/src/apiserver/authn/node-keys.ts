import { type Node, nodes } from '@bramble/shared/kinds/node.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { nodeKeyAnnotation } from '@bramble/shared/identity/node-key.ts'
import type { Registry } from '../objects/registry.ts'
import { createSkipping } from '../objects/stored/skipping.ts'

/** Which key each node has: what every door asks before it serves a node. Answers from the store itself, so a deletion holds at once. */
export type NodeKeys = {
  /** Why this key may not speak for the node, with what to do; undefined when it may, or when the Node has no key yet. */
  refusalOf(node: string, key: string): string | undefined
  /** The key of a Node; undefined when it has none, or when there is no such Node. */
  keyOf(node: string): string | undefined
  /** Called with each node that was deleted or whose key has changed. Returns the unsubscriber. */
  onEnded(listener: (node: string) => void): () => void
  close(): void
}

const comeBack = (node: string) =>
  `to come back, join with a new token: \`bramble token create\` on the hub, then \`bramble agent --node ${node} --token-file FILE\` on the board`

export function createNodeKeys({ registry, log }: { readonly registry: Registry; readonly log: Log }): NodeKeys {
  const skipping = createSkipping(log)
  const listeners = new Set<(node: string) => void>()
  /** `broken`: one is stored that is not understood. The doors ask here, so that it must cost its node and no more. */
  const find = (name: string): Node | 'broken' | undefined => {
    const entry = registry.find(nodes, undefined, name)
    if (entry === undefined) return undefined
    let found: Node | 'broken' | undefined = 'broken'
    skipping(entry, () => {
      const node = registry.objectOf(nodes, entry)
      found = node.metadata.deletionTimestamp === undefined ? node : undefined
    })
    return found
  }
  const keyOf = (name: string) => {
    const node = find(name)
    return node === 'broken' ? undefined : node?.metadata.annotations?.[nodeKeyAnnotation]
  }

  const { store } = registry
  const prefix = registry.prefixOf(nodes)
  const watch = store.watch(prefix, store.revisionOf(prefix), (events) => {
    for (const { previous } of events) {
      if (previous === undefined) continue
      skipping(previous, () => {
        const { name, annotations } = registry.objectOf(nodes, previous).metadata
        // Against what stands now: of several changes at once only the sum counts.
        if (find(name) === undefined || keyOf(name) !== annotations?.[nodeKeyAnnotation]) for (const listener of listeners) listener(name)
      })
    }
  })

  return {
    keyOf,
    refusalOf(name, key) {
      const node = find(name)
      if (node === 'broken') return `the Node ${name} that the hub has stored cannot be read: the log of the hub says why`
      if (node === undefined) return `node ${name} is not in this cluster: its Node was deleted; ${comeBack(name)}`
      const known = keyOf(name)
      if (known === undefined || known === key) return undefined
      return `node ${name} has joined with another key, so this certificate is good for nothing; if this is the right board, delete the node (kubectl delete node ${name}); ${comeBack(name)}`
    },
    onEnded(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => watch.close(),
  }
}
