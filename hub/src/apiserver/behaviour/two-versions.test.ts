import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { afterEach, expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { beta, betaDoor, doorsAt, group, stable, stableDoor } from '../testing/doors.ts'

const merge = 'application/merge-patch+json'
const jsonPatch = 'application/json-patch+json'
const strategic = 'application/strategic-merge-patch+json'

let stop = new AbortController()
afterEach(() => {
  stop.abort()
  stop = new AbortController()
})

async function setUp() {
  const kinds = createKindSet([...builtIn, beta, stable])
  const api = await createTestApi({ kinds })
  const watch = async (url: string) => {
    const response = await api.ask('GET', `${url}${url.includes('?') ? '&' : '?'}watch=true`, { signal: stop.signal })
    if (response.type !== 'events') throw new Error('expected a watch')
    const events = response.events[Symbol.asyncIterator]()
    return async (): Promise<Json> => {
      const { value, done } = await events.next()
      return done === true ? undefined : JSON.parse(value.text)
    }
  }
  return { ...api, kinds, watch }
}

it('discovery and OpenAPI tell both versions, the stable one first', async () => {
  const { json } = await setUp()
  const { body: groups } = await json('GET', `/apis/${group}`)
  expect(groups.versions.map(({ version }: Json) => version)).toEqual(['v1', 'v1beta1'])
  expect(groups.preferredVersion.version).toBe('v1')
  for (const [version, subresources] of [
    ['v1', ['doors', 'doors/scale', 'doors/status']],
    ['v1beta1', ['doors', 'doors/status']],
  ] as const)
    expect((await json('GET', `/apis/${group}/${version}`)).body.resources.map(({ name }: Json) => name)).toEqual(subresources)
  const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  const { body } = await json('GET', '/apis', { accept: aggregated })
  const found = body.items.find(({ metadata }: Json) => metadata.name === group)
  expect(found.versions.map(({ version }: Json) => version)).toEqual(['v1', 'v1beta1'])

  const { body: index } = await json('GET', '/openapi/v3')
  expect(Object.keys(index.paths)).toEqual(expect.arrayContaining([`apis/${group}/v1`, `apis/${group}/v1beta1`]))
  const { body: v2 } = await json('GET', '/openapi/v2')
  for (const [version, field] of [
    ['v1', 'width'],
    ['v1beta1', 'open'],
  ] as const) {
    const { body: v3 } = await json('GET', `/openapi/v3/apis/${group}/${version}`)
    const type = `com.example.house.${version}.DoorSpec`
    expect(v3.components.schemas[type].properties).toHaveProperty(field)
    expect(v2.definitions[type].properties).toHaveProperty(field)
    const operation = v2.paths[`/apis/${group}/${version}/namespaces/{namespace}/doors`].post
    expect([operation.tags, operation['x-kubernetes-group-version-kind']]).toEqual([
      [`houseExampleCom_${version}`],
      { group, version, kind: 'Door' },
    ])
  }
})

it('an object is one in all versions: written through either, seen through both, at one resourceVersion', async () => {
  const { json } = await setUp()
  const { body: created } = await json('POST', doorsAt('v1beta1'), { body: betaDoor('a') })
  const { body: seen } = await json('GET', doorsAt('v1', 'a'))
  expect(seen).toMatchObject({ apiVersion: `${group}/v1`, kind: 'Door', spec: { width: 80 } })
  expect(seen.metadata).toEqual(created.metadata)
  expect(await json('POST', doorsAt('v1'), { body: stableDoor('a') })).toMatchObject({ code: 409, body: { reason: 'AlreadyExists' } })

  const { body: locked } = await json('PUT', doorsAt('v1', 'a'), { body: { ...seen, spec: { width: 90, lock: 'yale' } } })
  expect(await json('PUT', doorsAt('v1beta1', 'a'), { body: created })).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
  const { body: shut } = await json('PATCH', doorsAt('v1beta1', 'a'), { body: { spec: { open: false } }, contentType: merge })
  expect(shut).toMatchObject({ apiVersion: `${group}/v1beta1`, spec: { open: false } })
  expect(Number(shut.metadata.resourceVersion)).toBeGreaterThan(Number(locked.metadata.resourceVersion))
  // What only v1 can say is still there.
  expect((await json('GET', doorsAt('v1', 'a'))).body.spec).toEqual({ width: 0, lock: 'yale' })
  await json('PATCH', doorsAt('v1', 'a'), { body: [{ op: 'replace', path: '/spec/width', value: 7 }], contentType: jsonPatch })
  await json('PATCH', doorsAt('v1', 'a'), { body: { spec: { lock: null } }, contentType: strategic })
  expect((await json('GET', doorsAt('v1beta1'))).body.items).toMatchObject([{ spec: { open: true } }])
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const { body: rows } = await json('GET', `${doorsAt('v1beta1')}?includeObject=Object`, { accept: table })
  expect(rows.rows[0].object.apiVersion).toBe(`${group}/v1beta1`)
  expect(await json('DELETE', doorsAt('v1beta1', 'a'))).toMatchObject({ code: 200 })
  expect((await json('GET', doorsAt('v1', 'a'))).code).toBe(404)
})

it('each version has its own fields, status and scale', async () => {
  const { json } = await setUp()
  const strict = 'fieldValidation=Strict'
  expect(await json('POST', `${doorsAt('v1beta1')}?${strict}`, { body: betaDoor('a', { open: true, width: 3 }) })).toMatchObject({
    code: 400,
    body: { message: expect.stringContaining('strict decoding error: unknown field "spec.width"') },
  })
  expect(await json('POST', doorsAt('v1'), { body: betaDoor('a') })).toMatchObject({ code: 400 })
  await json('POST', `${doorsAt('v1')}?${strict}`, { body: stableDoor('a', { width: 3, replicas: 2 }) })
  expect(await json('GET', `${doorsAt('v1', 'a')}/scale`)).toMatchObject({ code: 200, body: { kind: 'Scale', spec: { replicas: 2 } } })
  expect((await json('GET', `${doorsAt('v1beta1', 'a')}/scale`)).code).toBe(404)
  await json('PATCH', `${doorsAt('v1', 'a')}/status`, { body: { status: { seen: 1 } }, contentType: merge })
  expect((await json('GET', doorsAt('v1beta1', 'a'))).body.status).toEqual({ seen: true })
  const { body } = await json('PATCH', `${doorsAt('v1beta1', 'a')}/status`, { body: { status: { seen: false } }, contentType: merge })
  expect(body.status).toEqual({ seen: false })
  expect((await json('GET', doorsAt('v1', 'a'))).body).toMatchObject({ spec: { width: 80 }, status: { seen: 0 } })
})

it('a watch of one version sees in it what is written through the other, and each watcher in its own', async () => {
  const { json, watch } = await setUp()
  const [asBeta, asStable] = [await watch(doorsAt('v1beta1')), await watch(doorsAt('v1'))]
  await json('POST', doorsAt('v1'), { body: stableDoor('a', { width: 0 }) })
  await json('PATCH', doorsAt('v1beta1', 'a'), { body: { spec: { open: true } }, contentType: merge })
  await json('DELETE', doorsAt('v1', 'a'))
  const specs = [{ open: false }, { open: true }, { open: true }]
  for (const [index, type] of ['ADDED', 'MODIFIED', 'DELETED'].entries()) {
    const [one, other] = [await asBeta(), await asStable()]
    expect([one.type, other.type]).toEqual([type, type])
    expect(one.object).toMatchObject({ apiVersion: `${group}/v1beta1`, spec: specs[index] })
    expect(other.object).toMatchObject({ apiVersion: `${group}/v1`, spec: { width: specs[index]?.open === true ? 80 : 0 } })
    expect(one.object.metadata.resourceVersion).toBe(other.object.metadata.resourceVersion)
  }
})

it('the watches of a kind end when it goes or takes another form, after what they were still to tell; those of others go on', async () => {
  const { json, kinds, watch, store } = await setUp()
  const before = store.stats.watches
  const [asBeta, asStable] = [await watch(doorsAt('v1beta1')), await watch(doorsAt('v1'))]
  await json('POST', doorsAt('v1'), { body: stableDoor('a') })
  kinds.replace([beta], [{ ...beta, description: 'Another form.' }])
  expect((await asBeta()).type).toBe('ADDED')
  expect(await asBeta()).toBeUndefined()
  const again = await watch(`${doorsAt('v1beta1')}?resourceVersion=${store.revisionOf(`/${group}/doors/`)}`)
  await json('POST', doorsAt('v1'), { body: stableDoor('b') })
  expect((await again()).object.metadata.name).toBe('b')
  kinds.replace(
    kinds.all().filter((kind) => kind.group === group),
    [],
  )
  for (const next of [again, asStable]) while ((await next()) !== undefined);
  expect(store.stats.watches).toBe(before)
  expect((await json('GET', `${doorsAt('v1')}?watch=true`)).code).toBe(404)
})

it('what is being made when its kind goes is not left behind; where the kind only takes another form it is made', async () => {
  const { json, kinds, store } = await setUp()
  const other = { ...stable, description: 'Another form.' }
  const kept = json('POST', doorsAt('v1'), { body: stableDoor('kept') })
  kinds.replace([stable], [other])
  expect((await kept).code).toBe(201)
  const left = json('POST', doorsAt('v1'), { body: stableDoor('left') })
  kinds.replace([other], [{ ...other, verbs: ['get', 'list', 'watch', 'delete', 'deletecollection'] }])
  expect((await left).code).toBe(404)
  const also = json('POST', doorsAt('v1beta1'), { body: betaDoor('also') })
  kinds.replace(
    kinds.all().filter((kind) => kind.group === group),
    [],
  )
  expect((await also).code).toBe(404)
  expect(store.list(`/${group}/doors/`).entries.map(({ key }) => key)).toEqual([`/${group}/doors/default/kept`])
})
