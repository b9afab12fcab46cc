import type { Handler, Method } from '@bramble/shared/api/api-request.ts'
import { errorOf } from '@bramble/shared/api/rest-client.ts'
import { hubParts, overLoopback } from '../authz/hub-parts.ts'
import { headerNames } from './identity-headers.ts'

/** The authorities by which other servers know callers: those with certificates of the cluster's own, and those that the hub speaks for. */
export type FrontProxy = { readonly clientCa: string; readonly ca: string; readonly commonName: string }

const collection = '/api/v1/namespaces/kube-system/configmaps'
const name = 'extension-apiserver-authentication'

/** Keeps the ConfigMap from which other API servers read whom to believe. What somebody else wrote in it beside stays. */
export async function publishAuthentication(handle: Handler, { clientCa, ca, commonName }: FrontProxy): Promise<void> {
  const data = {
    'client-ca-file': clientCa,
    'requestheader-client-ca-file': ca,
    'requestheader-allowed-names': JSON.stringify([commonName]),
    'requestheader-username-headers': JSON.stringify([headerNames.username]),
    'requestheader-uid-headers': JSON.stringify([headerNames.uid]),
    'requestheader-group-headers': JSON.stringify([headerNames.group]),
    'requestheader-extra-headers-prefix': JSON.stringify([headerNames.extraPrefix]),
  }
  const { user, manager } = hubParts.apiserver
  const ask = async (method: Method, path: string, body: object) => {
    const { signal } = new AbortController()
    const headers = { 'user-agent': manager, 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }
    const answer = await handle({ method, path, query: new URLSearchParams(), headers, body, signal }, overLoopback(user))
    return answer.status < 400 || answer.type !== 'object' ? undefined : errorOf(answer.object)
  }
  const metadata = { name, namespace: 'kube-system' }
  const refused = await ask('POST', collection, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
  const failed = refused?.reason === 'AlreadyExists' ? await ask('PATCH', `${collection}/${name}`, { data }) : refused
  if (failed !== undefined) throw failed
}
