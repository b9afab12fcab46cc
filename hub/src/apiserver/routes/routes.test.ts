import type { ApiResponse, Method } from '@bramble/shared/api/api-request.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { describe, expect, it } from 'vitest'
import { postedType } from '../bodies/body-of.ts'
import { createDiscovery } from '../discovery/discovery.ts'
import { createOpenApi } from '../discovery/openapi.ts'
import { type RequestVerb, requestInfo } from '../query/request-info.ts'
import { createTestApi, type Json, jsonOf } from '../testing/api.ts'
import { stableOf } from '../testing/doors.ts'
import { definePosted } from './posted.ts'
import { createResolve } from './resolve.ts'
import { createRoutes, posted, subresources } from './routes.ts'
import { defineSubresource } from './subresource.ts'

const door = stableOf(undefined)
const silentDoor = stableOf(undefined, { verbs: ['get', 'list'], subresources: {} })

type Api = Awaited<ReturnType<typeof createTestApi>>
type Listed = { readonly name: string; readonly namespaced: boolean; readonly verbs: readonly string[] }

/** What discovery lists, by the path of its group and version. */
async function listed({ json }: Api): Promise<ReadonlyMap<string, readonly Listed[]>> {
  const { groups } = (await json('GET', '/apis')).body
  const paths = ['/api/v1', ...groups.flatMap(({ versions }: Json) => versions.map(({ groupVersion }: Json) => `/apis/${groupVersion}`))]
  return new Map(await Promise.all(paths.map(async (path: string) => [path, (await json('GET', path)).body.resources] as const)))
}

const said = (all: ReadonlyMap<string, readonly Listed[]>): readonly string[] =>
  [...all].flatMap(([root, resources]) => resources.flatMap(({ name, verbs }) => verbs.map((verb) => `${verb} ${root}/${name}`))).toSorted()

/** Every way to say something about a resource or a part of it, and as which verb that counts. */
function asking(
  root: string,
  { name, namespaced }: Pick<Listed, 'name' | 'namespaced'>,
): readonly (readonly [RequestVerb, Method, string])[] {
  const [resource = '', part] = name.split('/')
  const all = `${root}/${resource}`
  const some = namespaced ? `${root}/namespaces/default/${resource}` : all
  const one = `${some}/none${part === undefined ? '' : `/${part}`}`
  const ofOne = [
    ['get', 'GET', one],
    ['update', 'PUT', one],
    ['patch', 'PATCH', one],
    ['delete', 'DELETE', one],
  ] as const
  if (part !== undefined) return [...ofOne, ['create', 'POST', one]]
  return [
    ...ofOne,
    ['list', 'GET', some],
    ['list', 'GET', all],
    ['watch', 'GET', `${some}?watch=1`],
    ['watch', 'GET', `${all}?watch=1`],
    ['create', 'POST', some],
    ['deletecollection', 'DELETE', some],
  ]
}

/** Whether somebody is there to answer, whatever he answers. */
function isAnswered(response: ApiResponse): boolean {
  if (response.type !== 'object' || response.status < 400) return true
  const { reason, details = {} } = jsonOf(response)
  return reason !== 'MethodNotAllowed' && !(reason === 'NotFound' && details?.name === undefined)
}

/** Asks for everything: known resources with all parts that any has, and some that none has. Nothing is changed, since no body is one. */
async function answered({ ask }: Api, all: ReadonlyMap<string, readonly Listed[]>): Promise<readonly string[]> {
  const parts = new Set(['exec', 'token', ...[...all.values()].flat().flatMap(({ name }) => name.split('/').slice(1))])
  const found = new Set<string>()
  for (const [root, resources] of all)
    for (const { name, namespaced } of resources.filter((resource) => !resource.name.includes('/')))
      for (const place of [name, ...[...parts].map((part) => `${name}/${part}`)])
        for (const [verb, method, url] of asking(root, { name: place, namespaced })) {
          const stop = new AbortController()
          const response = await ask(method, url, { ...(method !== 'GET' && { body: 'no JSON' }), signal: stop.signal })
          stop.abort()
          if (isAnswered(response)) found.add(`${verb} ${root}/${place}`)
        }
  return [...found].toSorted()
}

describe('the table of routes', () => {
  it('lists in discovery every verb that is answered and none that is not, while kinds come, change and go', async () => {
    const kinds = createKindSet(builtIn)
    const api = await createTestApi({ kinds })
    const before = await listed(api)
    expect(await answered(api, before)).toEqual(said(before))
    kinds.add(door)
    const withDoors = await listed(api)
    expect(said(withDoors)).toContain('watch /apis/house.example.com/v1/doors')
    expect(said(withDoors)).toContain('patch /apis/house.example.com/v1/doors/scale')
    expect(await answered(api, withDoors)).toEqual(said(withDoors))
    kinds.replace([door], [silentDoor])
    const withSilentDoors = await listed(api)
    expect(said(withSilentDoors).filter((line) => line.includes('doors'))).toEqual(
      ['get', 'list'].map((verb) => `${verb} /apis/house.example.com/v1/doors`),
    )
    expect(await answered(api, withSilentDoors)).toEqual(said(withSilentDoors))
    kinds.remove(silentDoor)
    expect(said(await listed(api))).toEqual(said(before))
    expect((await api.json('GET', '/apis/house.example.com/v1/doors')).code).toBe(404)
  })

  it.each([
    ['POST', '/api/v1/pods', 405],
    ['DELETE', '/api/v1/pods', 405],
    ['DELETE', '/api/v1/namespaces', 405],
    ['PUT', '/api/v1/namespaces/default/pods', 405],
    ['POST', '/api/v1/namespaces/default/pods/p', 405],
    ['DELETE', '/api/v1/namespaces/default/pods/p/log', 405],
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 405],
    ['GET', '/api/v1/pods/p', 404],
    ['POST', '/api/v1/bindings', 404],
    ['GET', '/api/v1/namespaces/default/nodes', 404],
    ['GET', '/api/v1/namespaces/default/nodes/n', 404],
    ['GET', '/api/v1/namespaces/default/namespaces', 404],
    ['GET', '/api/v1/namespaces/default/namespaces/kube-system', 404],
    ['DELETE', '/api/v1/namespaces/default/namespaces/kube-system', 404],
    ['POST', '/apis/authorization.k8s.io/v1/namespaces/default/selfsubjectaccessreviews', 404],
    ['GET', '/api/v1/namespaces/default/pods/p/exec', 404],
    ['GET', '/api/v2/pods', 404],
    ['POST', '/version', 405],
    ['DELETE', '/api', 405],
    ['DELETE', '/apis', 200],
    ['PUT', '/apis/apps', 200],
    ['DELETE', '/apis/apps/v1', 405],
    ['POST', '/', 200],
    ['POST', '/livez', 200],
    ['POST', '/livez/none', 404],
    ['POST', '/nothing', 404],
  ] as const)('%s %s is %i: a path is there for some verbs, or not at all', async (method, url, code) => {
    const { ask } = await createTestApi()
    const answer = await ask(method, url, method === 'GET' ? {} : { body: {} })
    expect(answer.status).toBe(code)
  })

  it('has a file for each part that a kind names', () => {
    const routes = createRoutes({ kinds: createKindSet(builtIn) })
    for (const kind of builtIn)
      for (const subresource of kind.subresources?.named ?? [])
        expect(routes.find({ ...kind, subresource })?.actions.size).toBeGreaterThan(0)
  })

  it('takes a new subresource and a new posted resource from their definition alone', async () => {
    const napType = postedType({ ...{ group: 'naps.example.com', version: 'v1', kind: 'Nap', resource: 'naps' }, schema: door.schema })
    const answer = async () => ({ type: 'object' as const, status: 200, object: {} })
    const nap = defineSubresource({
      name: 'nap',
      isOf: (kind) => kind === pods,
      speaks: napType,
      isLong: true,
      verbs: { get: answer, create: answer },
    })
    const naps = definePosted({ type: napType, singular: 'nap', namespaced: false, verbs: { create: answer } })
    const kinds = createKindSet([pods])
    const routes = createRoutes({ kinds, subresources: [...subresources, nap], posted: [...posted, naps] })
    const resolve = createResolve({ routes, remoteGroups: { find: () => undefined }, paths: [] })
    const to = (method: Method, path: string) => resolve(requestInfo(method, path, new URLSearchParams()), path)
    expect(to('GET', '/api/v1/namespaces/a/pods/p/nap')).toMatchObject({ type: 'action', action: { isLong: true }, info: { name: 'p' } })
    expect(to('POST', '/api/v1/namespaces/a/pods/p/nap')).toMatchObject({ type: 'action', info: { verb: 'create' } })
    expect(to('PUT', '/api/v1/namespaces/a/pods/p/nap')).toMatchObject({ type: 'nothing' })
    expect(to('POST', '/apis/naps.example.com/v1/naps')).toMatchObject({ type: 'action' })

    const asked = (path: string) =>
      ({ method: 'GET', path, query: new URLSearchParams(), headers: {}, signal: new AbortController().signal }) as const
    const answerTo = (response: ApiResponse | undefined) => jsonOf(response ?? expect.unreachable('no answer'))
    const discovery = createDiscovery(routes)
    const spoken = { group: 'naps.example.com', version: 'v1', kind: 'Nap' }
    expect(answerTo(discovery.answer(asked('/api/v1'))).resources).toContainEqual(
      expect.objectContaining({ name: 'pods/nap', ...spoken, verbs: ['create', 'get'] }),
    )
    expect(answerTo(discovery.answer(asked('/apis/naps.example.com/v1'))).resources).toMatchObject([{ name: 'naps', verbs: ['create'] }])
    const { paths } = answerTo(await createOpenApi({ routes, version: 'v1' }).answer(asked('/openapi/v3/api/v1')))
    expect(Object.keys(paths['/api/v1/namespaces/{namespace}/pods/{name}/nap'])).toEqual(['parameters', 'get', 'post'])
    expect(paths['/api/v1/namespaces/{namespace}/pods/{name}/nap'].post['x-kubernetes-group-version-kind']).toEqual(spoken)
  })
})
