import type { Handler, User } from '@bramble/shared/api/api-request.ts'
import { pathOf } from '@bramble/shared/api/path.ts'
import { errorOf } from '@bramble/shared/api/rest-client.ts'
import { hookedKinds } from './hooked-kinds.ts'

const apiserver: User = { name: 'system:kube-apiserver', groups: ['system:masters', 'system:authenticated'] }

/** What has to be there before anybody comes: through the same door as everybody else's writes. */
export async function makeFirstObjects({ handle }: { readonly handle: Handler }): Promise<void> {
  for (const { kind, first = [] } of hookedKinds)
    for (const body of first) {
      const { signal } = new AbortController()
      const path = pathOf(kind, { namespace: body.metadata.namespace })
      const answer = await handle({ method: 'POST', path, query: new URLSearchParams(), headers: {}, body, signal }, apiserver)
      if (answer.status < 400 || answer.type !== 'object') continue
      const error = errorOf(answer.object)
      if (error.reason !== 'AlreadyExists') throw error
    }
}
