import { sleep } from '@bramble/shared/async/sleep.ts'
import type { TokenIssuer } from '../kubelet/tokens/pod-tokens.ts'
import type { Link } from '../link/link.ts'
import { serviceAccounts } from '../resources.ts'

/** So long a pod that has no token waits for the first connection. Then it starts without: the hub may be away for days. */
const firstMs = 10_000
/** Like any small question; a pod that starts waits for it. */
const askMs = 10_000

/** The hub gives a node tokens for the accounts of its pods, each bound to the pod that it is for. */
export function createHubIssuer({ client, connected, isConnected }: Pick<Link, 'client' | 'connected' | 'isConnected'>): TokenIssuer {
  let first: Promise<void> | undefined
  return {
    isThere: isConnected,
    async settled(signal) {
      first ??= Promise.race([connected(signal), sleep(firstMs, signal)]).catch(() => {})
      await first
      signal.throwIfAborted()
    },
    async ask({ metadata: { name, namespace = '', uid }, spec }, { audience = '', expirationSeconds }, signal) {
      const answer = await client.createSub(
        serviceAccounts,
        { namespace, name: spec.serviceAccountName ?? '' },
        'token',
        {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          metadata: {},
          spec: {
            ...(audience !== '' && { audiences: [audience] }),
            expirationSeconds,
            boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
          },
        },
        { signal, timeoutMs: askMs },
      )
      return (answer as { readonly status?: { readonly token?: string } }).status?.token ?? '' // a TokenRequest
    },
  }
}
