import type { ApiResponse, Caller, Method, User } from '@bramble/shared/api/api-request.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import type { RevisionLog } from '../../store/log.ts'
import { memoryLog } from '../../store/memory/memory-disk.ts'
import { createStore } from '../../store/mvcc.ts'
import { type ApiServerDeps, createApiServer } from '../api-server.ts'
import { accountOf } from '../authn/client-certificate.ts'
import { storing } from '../objects/stored/storing.ts'

export const admin: User = { name: 'bramble:admin', groups: ['system:masters', 'system:authenticated'] }
export const nodeUser = (name: string): User => ({ name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] })

export type Ask = {
  /** Comes over HTTPS, with a certificate. */
  readonly user?: User
  /** Comes through another door. */
  readonly caller?: Caller
  readonly body?: unknown
  readonly accept?: string
  readonly contentType?: string
  readonly userAgent?: string
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

/** An apiserver over a real store in memory, with the namespaces and roles of a new cluster. `ask` goes through its front door. */
export async function createTestApi(deps: Partial<ApiServerDeps> = {}, log: RevisionLog = memoryLog()) {
  const kinds = deps.kinds ?? createKindSet(builtIn)
  const store = await createStore({ log, ...storing(kinds) })
  const server = createApiServer({
    store,
    kinds,
    clock: systemClock,
    log: silentLog,
    serviceCidr: '10.43.0.0/24',
    openNodeStream: () => {
      throw new Error('this test has no nodes')
    },
    ...deps,
  })
  await server.bootstrap()

  const ask = (
    method: Method,
    url: string,
    { user = admin, caller, body, accept, contentType = 'application/json', userAgent, signal, headers = {} }: Ask = {},
  ) => {
    const [path = '', query = ''] = url.split('?', 2)
    return server.handle(
      {
        method,
        path,
        query: new URLSearchParams(query),
        headers: { 'content-type': contentType, accept, 'user-agent': userAgent, ...headers },
        ...(body !== undefined && {
          body: body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
        }),
        signal: signal ?? new AbortController().signal,
      },
      caller ?? { user, account: accountOf(user) },
    )
  }
  const json = async (method: Method, url: string, options: Ask = {}) => {
    const response = await whole(await ask(method, url, options))
    return { code: response.status, body: jsonOf(response), headers: response.headers ?? {} }
  }
  /** Binds a ClusterRole of the cluster's own to somebody, everywhere. */
  const bind = async (role: string, subject: { readonly kind: 'User' | 'Group'; readonly name: string }) => {
    const body = { metadata: { generateName: 'test-' }, subjects: [subject], roleRef: { apiGroup, kind: 'ClusterRole', name: role } }
    const { code } = await json('POST', `/apis/${apiGroup}/v1/clusterrolebindings`, { body })
    if (code !== 201) throw new Error(`expected ${role} to be bound, found ${code}`)
  }
  return { store, server, handle: server.handle, ask, json, bind }
}

const apiGroup = 'rbac.authorization.k8s.io'

/** A long list comes as a stream. */
async function whole(response: ApiResponse): Promise<ApiResponse> {
  if (response.type !== 'stream') return response
  const chunks: Uint8Array[] = []
  for await (const chunk of response.stream) chunks.push(chunk)
  return { ...response, type: 'raw', raw: Buffer.concat(chunks) }
}

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
export type Json = any

export function jsonOf(response: ApiResponse): Json {
  if (response.type === 'object') return JSON.parse(JSON.stringify(response.object))
  if (response.type === 'raw') return JSON.parse(Buffer.from(response.raw as string).toString('utf8'))
  throw new Error(`expected an object, found ${response.type}`)
}

export const configMap = (name: string, data: Record<string, string> = {}, metadata: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
})

export const pod = (name: string, spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec },
})
