import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { NodeProof } from '../broker-messages.ts'

/** Whose certificate is good for which node. Without it every certificate of the CA is. */
export type NodeTrust = {
  /** Lets a key in (the first of an old node is written down), or says why not. */
  admit(node: string, key: string): Promise<string | undefined>
  /** The same for a node that was let in before. */
  refusalOf(node: string, key: string): string | undefined
  /** Called with each node that was deleted or whose key has changed. */
  onEnded(listener: (node: string) => void): () => void
  /** Whether a certificate that ends then is over. */
  isOver(notAfter: number): boolean
}

/** Who is let in, and for how long. */
export function createDoor({ trust, clock, log }: { readonly trust: NodeTrust | undefined; readonly clock: Clock; readonly log: Log }) {
  const isOver = trust?.isOver ?? ((notAfter: number) => clock.now() >= notAfter)

  /** Why a node is not, or no longer, served; undefined when it is. */
  const refusalOf = ({ node, key, notAfter }: NodeProof): string | undefined =>
    isOver(notAfter)
      ? `the certificate of node ${node} ended at ${new Date(notAfter).toISOString()} by the clock of the hub: set that right, or join again with a new token (\`bramble token create\`)`
      : trust?.refusalOf(node, key)

  return {
    refusalOf,
    async admit(proof: NodeProof): Promise<string | undefined> {
      try {
        return refusalOf(proof) ?? (await trust?.admit(proof.node, proof.key))
      } catch (error) {
        log.warn({ node: proof.node, error: messageOf(error) }, 'a node could not be let in')
        return 'the hub cannot look the node up right now'
      }
    },
  }
}
