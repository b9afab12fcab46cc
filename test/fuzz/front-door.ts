import type { ApiRequest, Method } from '@bramble/shared/api/api-request.ts'
import { admin, createTestApi } from '../../hub/src/apiserver/testing/api.ts'
import { deploymentJson, podJson } from './samples.ts'

export type Asked = { readonly method: Method; readonly url: string; readonly headers?: ApiRequest['headers']; readonly body?: Buffer }

/** An apply that its type does not know is 500 in Kubernetes too, and so is what is no revision. */
const ofKubernetes = /failed to create typed (?:patch|live) object|strconv\.ParseUint: parsing/

/** An apiserver with a pod and a Deployment in it, asked through its front door. A refusal is an answer; a 500 is thrown. */
export async function openFrontDoor() {
  const { server, json } = await createTestApi()
  for (const [url, body] of [
    ['/api/v1/namespaces/default/pods', podJson],
    ['/apis/apps/v1/namespaces/default/deployments', deploymentJson],
  ] as const) {
    const { code, body: told } = await json('POST', url, { body })
    if (code !== 201) throw new Error(`${url} was answered ${code}: ${JSON.stringify(told)}`)
  }
  return async ({ method, url, headers = {}, body }: Asked): Promise<number> => {
    const [path = '', query = ''] = url.split('?', 2)
    const stop = new AbortController()
    const request = { method, path, query: new URLSearchParams(query), headers, signal: stop.signal, ...(body !== undefined && { body }) }
    const answer = await server.handle(request, { user: admin, account: { of: 'administrators', name: admin.name } })
    if (answer.type === 'stream') for await (const _ of answer.stream);
    stop.abort()
    if (answer.type === 'events') await answer.events[Symbol.asyncIterator]().return?.()
    if (answer.status === 500 && !ofKubernetes.test(JSON.stringify(answer)))
      throw new Error(`answered 500: ${JSON.stringify(answer).slice(0, 500)}`)
    return answer.status
  }
}
