import type { Handler } from '@bramble/shared/api/api-request.ts'
import { pathOf } from '@bramble/shared/api/path.ts'
import { errorOf } from '@bramble/shared/api/rest-client.ts'
import { hubParts, overLoopback } from '../authz/hub-parts.ts'
import { hookedKinds } from './hooked-kinds.ts'

/** What has to be there before anybody comes: through the same door as everybody else's writes. */
export async function makeFirstObjects({ handle }: { readonly handle: Handler }): Promise<void> {
  const { user, manager } = hubParts.apiserver
  for (const { kind, first = [] } of hookedKinds)
    for (const body of first) {
      const { signal } = new AbortController()
      const headers = { 'user-agent': manager }
      const path = pathOf(kind, { namespace: body.metadata.namespace })
      const request = { method: 'POST', path, query: new URLSearchParams(), headers, body, signal } as const
      const answer = await handle(request, overLoopback(user))
      if (answer.status < 400 || answer.type !== 'object') continue
      const error = errorOf(answer.object)
      if (error.reason !== 'AlreadyExists') throw error
    }
}
