import { describe, expect, it } from 'vitest'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import { nextTurn } from '@bramble/shared/async/turns.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { createRoutes } from '../routes/routes.ts'
import type { Json } from '../testing/api.ts'
import { gadgetsOf, group } from '../testing/gadgets.ts'
import { createOpenApi } from './openapi.ts'

const openApi = createOpenApi({ routes: createRoutes({ kinds: createKindSet(kinds) }), version: 'v1.2.3' })
const open = new AbortController().signal
async function get(target: string, headers: ApiRequest['headers'] = {}, from = openApi, signal = open) {
  const url = new URL(target, 'http://hub')
  if (!from.at.test(url.pathname)) return undefined
  const response = await from.answer({
    method: 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    signal,
  })
  return response?.type === 'raw' ? response : undefined
}
const body = async (target: string, from = openApi) =>
  JSON.parse(Buffer.from((await get(target, {}, from))?.raw ?? '').toString()) as { paths: Record<string, { serverRelativeURL: string }> }

/** Definitions of some size. */
const large = () =>
  Array.from({ length: 12 }, (_, index) => {
    const kind = `Large${index}`
    const parts = Array.from({ length: 2000 }, (_part, at) => [`p${at}`, { type: 'string', description: `Part ${at} of ${kind}` }])
    const names = { kind, resource: kind.toLowerCase(), singular: kind.toLowerCase(), shortNames: [] }
    return gadgetsOf({ type: 'object', properties: { spec: { type: 'object', properties: Object.fromEntries(parts) } } }, names)
  })

describe('/openapi', () => {
  it('lists the v3 documents under addresses that change with their content', async () => {
    const { paths } = await body('/openapi/v3')
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/coordination.k8s.io/v1']))
    const address = paths['apis/apps/v1']?.serverRelativeURL ?? ''
    expect(address).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{32}$/)
    expect((await get(address))?.headers?.['cache-control']).toContain('immutable')
    expect((await get('/openapi/v3/apis/apps/v1?hash=old'))?.headers?.['cache-control']).toBeUndefined()
  })

  it('does not send again what the client has', async () => {
    const etag = (await get('/openapi/v3/api/v1'))?.headers?.['etag'] ?? ''
    expect(await get('/openapi/v3/api/v1', { 'if-none-match': etag })).toMatchObject({ status: 304, raw: '' })
  })

  it.each([
    ['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'],
    ['application/json', 'application/json'],
    ['*/*', 'application/json'],
    [undefined, 'application/json'],
  ])('answers v2 to Accept %s as %s', async (accept, contentType) => {
    expect(await get('/openapi/v2', { accept })).toMatchObject({ status: 200, contentType })
  })

  it('refuses v2 in a form it does not have, and leaves other paths to others', async () => {
    await expect(get('/openapi/v2', { accept: 'text/html' })).rejects.toThrow(expect.objectContaining({ reason: 'NotAcceptable' }))
    expect(await get('/openapi/v3/apis/none/v1')).toBeUndefined()
    expect(await get('/openapi')).toBeUndefined()
  })

  it('makes the document of a group anew when one of its kinds comes, changes or goes, and at no other time', async () => {
    const set = createKindSet(kinds)
    const following = createOpenApi({ routes: createRoutes({ kinds: set }), version: 'v1.2.3' })
    const read = async (path: string) => (await get(`/openapi/v3/${path}`, {}, following))?.raw
    const hashOf = async (path: string) => (await body('/openapi/v3', following)).paths[path]?.serverRelativeURL
    const [core, coreHash] = [await read('api/v1'), await hashOf('api/v1')]
    const lab = `apis/${group}/v1`
    const old = gadgetsOf({ type: 'object' })
    set.add(old)
    const [first, firstHash] = [await read(lab), await hashOf(lab)]
    expect(first).toBeDefined()
    set.replace([old], [gadgetsOf({ type: 'object', properties: { spec: { type: 'string' } } })])
    expect(Buffer.from((await read(lab)) ?? '').toString()).toContain('"spec"')
    expect(await hashOf(lab)).not.toBe(firstHash)
    expect([await read('api/v1'), await hashOf('api/v1')]).toEqual([core, coreHash])
    expect(await read('api/v1')).toBe(core)
    set.replace(
      set.all().filter((kind) => kind.group === group),
      [],
    )
    expect([await read(lab), await hashOf(lab)]).toEqual([undefined, undefined])
  })

  it.each([
    ['v2 as JSON', '/openapi/v2', 'application/json'],
    ['v2 as gnostic', '/openapi/v2', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'],
    ['v3 of their group', `/openapi/v3/apis/${group}/v1`, 'application/json'],
  ])('makes what it says of large definitions in turns (%s)', async (_form, path, accept) => {
    const from = createOpenApi({ routes: createRoutes({ kinds: createKindSet([...kinds, ...large()]) }), version: 'v1.2.3' })
    let [turns, isMade] = [0, false]
    const count = () => {
      if (isMade) return
      turns += 1
      setImmediate(count)
    }
    count()
    const made = await get(path, { accept }, from)
    isMade = true
    expect(Buffer.from(made?.raw ?? '').toString('latin1')).toContain('Part 1999 of Large11')
    expect(turns).toBeGreaterThan(5)
  })

  it('is made once for all who want it at the same time, anew for those who have seen a change, and not for who has gone', async () => {
    const set = createKindSet([...kinds, ...large()])
    const from = createOpenApi({ routes: createRoutes({ kinds: set }), version: 'v1.2.3' })
    const text = async (asked: ReturnType<typeof get>) => Buffer.from((await asked)?.raw ?? '').toString()
    const going = new AbortController()
    const first = [get('/openapi/v2', {}, from), get('/openapi/v2', {}, from)]
    const gone = get('/openapi/v2', {}, from, going.signal)
    going.abort()
    await expect(gone).rejects.toMatchObject({ reason: 'Timeout' })
    const [one, other] = await Promise.all(first)
    expect(one?.raw).toBe(other?.raw)
    const before = get(`/openapi/v3/apis/${group}/v1`, {}, from)
    await nextTurn()
    set.add(gadgetsOf({ type: 'object' }))
    const after = [get('/openapi/v2', {}, from), get(`/openapi/v3/apis/${group}/v1`, {}, from)]
    for (const asked of after) expect(await text(asked)).toContain('"Gadget"')
    expect(await text(before)).not.toContain('"Gadget"')
  })

  it('shows no custom kind in the place of another, whatever its group is called', async () => {
    const custom = { group: 'apps.example.k8s.io', kind: 'Deployment', resource: 'deployments', singular: 'deployment' }
    const set = createKindSet([...kinds, gadgetsOf({ type: 'object' }, custom)])
    const both = createOpenApi({ routes: createRoutes({ kinds: set }), version: 'v1.2.3' })
    const { definitions, paths } = (await body('/openapi/v2', both)) as Json
    const gvk = 'x-kubernetes-group-version-kind'
    expect(definitions['io.k8s.api.apps.v1.Deployment'][gvk]).toEqual([{ group: 'apps', version: 'v1', kind: 'Deployment' }])
    expect(definitions['io.k8s.example.apps.v1.Deployment'][gvk]).toEqual([{ group: custom.group, version: 'v1', kind: 'Deployment' }])
    const ids = Object.values<Json>(paths).flatMap((path) => Object.values<Json>(path).flatMap(({ operationId }) => operationId ?? []))
    expect(ids).toEqual([...new Set(ids)])
  })

  it('names in v2 no fields where any may stand, and no type where null may: clients that check by it refuse the others', async () => {
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    const text = { type: 'string' }
    const perhaps = { type: 'object', properties: { a: text }, nullable: true, description: 'Perhaps.' }
    const properties = { perhaps, list: { type: 'array', items: perhaps }, map: { type: 'object', additionalProperties: perhaps } }
    const some = { ...open, properties: { a: text }, description: 'Some.' }
    const spec = { type: 'object', properties: { ...properties, some }, required: ['perhaps', 'some'] }
    const of = (kind: string, schema: object) =>
      gadgetsOf(schema, { kind, resource: `${kind.toLowerCase()}s`, singular: kind.toLowerCase(), shortNames: [] })
    const set = createKindSet([
      ...kinds,
      of('Open', { ...open, properties: { spec } }),
      of('Closed', { type: 'object', properties: { spec } }),
    ])
    const custom = createOpenApi({ routes: createRoutes({ kinds: set }), version: 'v1.2.3' })
    const { definitions } = (await body('/openapi/v2', custom)) as Json
    expect(definitions['com.example.lab.v1.Open']).toEqual({
      type: 'object',
      'x-kubernetes-group-version-kind': [{ group, version: 'v1', kind: 'Open' }],
    })
    expect(definitions['com.example.lab.v1.Closed'].properties.spec).toEqual({
      type: 'object',
      properties: {
        perhaps: { description: 'Perhaps.' },
        list: { type: 'array', items: { description: 'Perhaps.' } },
        map: { type: 'object', additionalProperties: { description: 'Perhaps.' } },
        some: { description: 'Some.', 'x-kubernetes-preserve-unknown-fields': true },
      },
      required: ['some'],
    })
    const { components } = (await body(`/openapi/v3/apis/${group}/v1`, custom)) as Json
    expect(components.schemas['com.example.lab.v1.Open'].properties.spec).toEqual(spec)
  })
})
