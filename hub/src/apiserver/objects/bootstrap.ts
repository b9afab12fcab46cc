import type { Handler, User } from '@bramble/shared/api/api-request.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { pathOf } from '@bramble/shared/api/path.ts'
import { errorOf } from '@bramble/shared/api/rest-client.ts'
import { protectedNamespaces } from '../admission/namespace-lifecycle.ts'

const apiserver: User = { name: 'system:kube-apiserver', groups: ['system:masters', 'system:authenticated'] }

/** What has to be there before anybody comes: through the same door as everybody else's writes. */
export async function makeFirstNamespaces({ handle }: { readonly handle: Handler }): Promise<void> {
  for (const name of protectedNamespaces) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    const { signal } = new AbortController()
    const request = { method: 'POST', path: pathOf(namespaces), query: new URLSearchParams(), headers: {}, body, signal } as const
    const answer = await handle(request, apiserver)
    if (answer.status < 400 || answer.type !== 'object') continue
    const error = errorOf(answer.object)
    if (error.reason !== 'AlreadyExists') throw error
  }
}
