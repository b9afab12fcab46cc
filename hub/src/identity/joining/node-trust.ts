import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { nodeKeyAnnotation } from '@bramble/shared/identity/node-key.ts'

/** The keys on the Nodes, as the apiserver knows them (`NodeKeys`). */
export type KnownKeys = {
  refusalOf(node: string, key: string): string | undefined
  keyOf(node: string): string | undefined
}

// Each turn that fails means that somebody else wrote the Node in between.
const attempts = 16

/**
 * Lets a node's key in, or says why not. A Node without a key (of a cluster from before Nodes had keys, or after an administrator
 * took it away) gets the key of the first node of that name that comes with a certificate of ours.
 */
export function createNodeTrust({ keys, client }: { readonly keys: KnownKeys; readonly client: Client }) {
  return async (node: string, key: string): Promise<string | undefined> => {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const refusal = keys.refusalOf(node, key)
      if (refusal !== undefined || keys.keyOf(node) === key) return refusal
      try {
        const { metadata } = await client.get(nodes, { name: node })
        if (metadata.annotations?.[nodeKeyAnnotation] === undefined) await client.patch(nodes, { name: node }, keyPatch(metadata, key))
      } catch (error) {
        if (!isApiError(error, 'Conflict') && !isApiError(error, 'NotFound')) throw error
      }
    }
    return `the Node ${node} is being written by somebody else all the time: try again`
  }
}

/** Writes a key on the Node as it was read, or takes it away; a Node that has changed since is a `Conflict`. */
export const keyPatch = (
  read: { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined },
  key: string | null,
) => ({
  type: 'application/merge-patch+json' as const,
  body: { metadata: { uid: read.uid, resourceVersion: read.resourceVersion, annotations: { [nodeKeyAnnotation]: key } } },
})
