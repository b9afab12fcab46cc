import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import type { Conversion, Storage } from '@bramble/shared/schema/storage.ts'
import { expect, it } from 'vitest'
import { memoryLog } from '../../../store/memory/memory-disk.ts'
import { createTestApi } from '../../testing/api.ts'
import { beta, betaDoor, betaOf, doorsAt, group, inBeta, inSameShape, stable, stableDoor, stableOf } from '../../testing/doors.ts'

const setUp = async (...doors: Parameters<typeof createKindSet>[0]) => {
  const kinds = createKindSet([...builtIn, ...doors])
  const api = await createTestApi({ kinds })
  const stored = (name: string) => api.store.get(`/${group}/doors/default/${name}`)?.value ?? ''
  return { ...api, kinds, stored }
}

it('what is stored in an older version is served, and written in the current one at its next write, even if that changes nothing', async () => {
  const older = [betaOf(inBeta), stableOf(inBeta)]
  const { kinds, json, stored } = await setUp(...older)
  for (const name of ['a', 'b'])
    await json('POST', doorsAt('v1', name).slice(0, -2), { body: stableDoor(name, { width: 80, lock: 'yale' }) })
  expect(stored('a')).toMatch(`{"kind":"Door","apiVersion":"${group}/v1beta1","metadata":{`)

  kinds.replace(older, [beta, stable])
  const { body: read } = await json('GET', doorsAt('v1', 'a'))
  expect(read).toMatchObject({ apiVersion: `${group}/v1`, spec: { width: 80, lock: 'yale' } })
  expect((await json('GET', doorsAt('v1'))).body.items.map(({ spec }: { spec: object }) => spec)).toEqual([read.spec, read.spec])
  expect(stored('a')).toMatch('v1beta1')

  const { body: written } = await json('PUT', doorsAt('v1', 'a'), { body: read })
  expect(stored('a')).toMatch(`{"kind":"Door","apiVersion":"${group}/v1","metadata":{`)
  expect(written).toEqual({ ...read, metadata: { ...read.metadata, resourceVersion: written.metadata.resourceVersion } })
  expect(written.metadata.resourceVersion).not.toBe(read.metadata.resourceVersion)
  const { body: again } = await json('PUT', doorsAt('v1', 'a'), { body: written })
  expect(again.metadata.resourceVersion).toBe(written.metadata.resourceVersion)
  const merge = 'application/merge-patch+json'
  await json('PATCH', doorsAt('v1beta1', 'b'), { body: { spec: { open: false } }, contentType: merge })
  expect(JSON.parse(stored('b'))).toMatchObject({ apiVersion: `${group}/v1`, spec: { width: 0, lock: 'yale' } })
})

it('what is stored in a version that nobody knows any more stops nothing, is not lost, and is named to who asks for it', async () => {
  const log = memoryLog()
  const newer = createKindSet([...builtIn, stable, beta])
  const first = await createTestApi({ kinds: newer }, log)
  await first.json('POST', doorsAt('v1'), { body: stableDoor('new') })
  const text = first.store.get(`/${group}/doors/default/new`)?.value
  first.server.close()
  await first.store.close()

  // A hub from before v1 opens what a newer one wrote.
  const kinds = createKindSet([...builtIn, betaOf(undefined)])
  const { json, ask, store, server } = await createTestApi({ kinds }, log)
  await json('POST', doorsAt('v1beta1'), { body: betaDoor('old') })
  const why = `doors "new" cannot be read: it is stored as Door in ${group}/v1, and this hub knows Door in v1beta1`
  expect(await json('GET', doorsAt('v1beta1', 'new'))).toMatchObject({
    code: 500,
    body: { reason: 'InternalError', message: expect.stringContaining(why), details: { name: 'new', group, kind: 'doors' } },
  })
  expect((await json('GET', doorsAt('v1beta1'))).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual([
    'old',
  ])
  expect(await json('POST', doorsAt('v1beta1'), { body: betaDoor('new') })).toMatchObject({ code: 409, body: { reason: 'AlreadyExists' } })
  expect(await json('PUT', doorsAt('v1beta1', 'new'), { body: betaDoor('new') })).toMatchObject({ code: 500 })
  const merge = 'application/merge-patch+json'
  expect(await json('PATCH', doorsAt('v1beta1', 'new'), { body: { spec: { open: false } }, contentType: merge })).toMatchObject({
    code: 500,
  })
  expect(store.get(`/${group}/doors/default/new`)?.value).toBe(text)

  const response = await ask('GET', `${doorsAt('v1beta1')}?watch=true`)
  if (response.type !== 'events') throw new Error('expected a watch')
  const events = response.events[Symbol.asyncIterator]()
  expect(JSON.parse((await events.next()).value.text)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'old' } } })
  // As when a newer hub beside this one writes it.
  const { key = '', revision = 0 } = store.get(`/${group}/doors/default/old`) ?? {}
  await store.update(key, text?.replaceAll('"new"', '"old"') ?? '', revision)
  expect(JSON.parse((await events.next()).value.text)).toMatchObject({
    type: 'DELETED',
    object: { apiVersion: `${group}/v1beta1`, metadata: { name: 'old', resourceVersion: String(store.get(key)?.revision) } },
  })
  await events.return?.(undefined)

  // No kind at all knows it; then the one that wrote it is back.
  kinds.replace(
    kinds.all().filter((kind) => kind.group === group),
    [],
  )
  expect((await json('GET', doorsAt('v1', 'new'))).code).toBe(404)
  kinds.replace([], [stable, beta])
  expect((await json('GET', doorsAt('v1', 'new'))).body.spec).toEqual({ width: 80 })
  server.close()
  await store.close()
  const without = await createTestApi({}, log)
  expect((await without.json('GET', '/api/v1/namespaces')).code).toBe(200)
  expect(without.store.get(`/${group}/doors/default/new`)?.value).toBe(text)
})

it('what neither the one who asks nor the store of today writes goes through the version that is stored, and nowhere twice', async () => {
  const noted = (step: string) => (object: KubeObject) => {
    const { steps = '' } = object.metadata.annotations ?? {}
    return { ...object, metadata: { ...object.metadata, annotations: { steps: `${steps} ${step}` } } }
  }
  const conversion = (version: string) => ({ toStored: noted(`from-${version}`), fromStored: noted(`to-${version}`) })
  const kindIn = (version: string, stored: string) => {
    const versions = ['v1', 'v1beta1', 'v1alpha1'].filter((each) => each !== stored)
    const storage: Storage = { version: stored, others: Object.fromEntries(versions.map((each) => [each, conversion(each)])) }
    const parse = (value: unknown) => ({ ok: true, object: structuredClone(value) }) as const
    return { ...betaOf(storage), version, parse } as Kind
  }
  const older = kindIn('v1alpha1', 'v1alpha1')
  const now = kindIn('v1beta1', 'v1')
  const { json, kinds, stored } = await setUp(older)
  await json('POST', doorsAt('v1alpha1'), { body: { ...betaDoor('a'), apiVersion: `${group}/v1alpha1` } })
  kinds.replace([older], [now])
  const { body } = await json('GET', doorsAt('v1beta1', 'a'))
  expect(body).toMatchObject({ apiVersion: `${group}/v1beta1`, metadata: { annotations: { steps: ' from-v1alpha1 to-v1beta1' } } })
  await json('PUT', doorsAt('v1beta1', 'a'), { body })
  expect(JSON.parse(stored('a'))).toMatchObject({
    apiVersion: `${group}/v1`,
    metadata: { annotations: { steps: ' from-v1alpha1 to-v1beta1 from-v1beta1' } },
  })
})

it('versions of one shape need no conversion: the text is served as it lies there, but for its version', async () => {
  const shape = betaOf(undefined).node
  const old = { ...betaOf(inSameShape), node: shape }
  const { json, stored } = await setUp(old, { ...stableOf(inSameShape), node: shape, parse: old.parse })
  const { body } = await json('POST', doorsAt('v1beta1'), { body: betaDoor('a', { open: true, colour: 'red' }) })
  expect(stored('a')).toMatch(`"apiVersion":"${group}/v1"`)
  expect((await json('GET', doorsAt('v1', 'a'))).body).toEqual({ ...body, apiVersion: `${group}/v1` })
  expect((await json('GET', doorsAt('v1beta1', 'a'))).body).toEqual(body)
})

it('a conversion changes neither which object it is nor, if it fails, anything else', async () => {
  const renames: Conversion = {
    toStored: (object) => ({ ...object, metadata: { ...object.metadata, name: 'other', uid: 'other' } }),
    fromStored(object) {
      if (object.metadata.name === 'odd') throw new Error('no such door')
      return { ...object, metadata: { ...object.metadata, name: 'another', namespace: 'another' } }
    },
  }
  const storage: Storage = { version: 'v1', others: { v1beta1: renames } }
  const old = { ...betaOf(undefined), storage }
  const { json, stored } = await setUp(old, { ...stableOf(storage), node: old.node, parse: old.parse })
  const { body } = await json('POST', doorsAt('v1beta1'), { body: betaDoor('a') })
  expect(JSON.parse(stored('a')).metadata).toMatchObject({ name: 'a', uid: body.metadata.uid })
  await json('POST', doorsAt('v1beta1'), { body: betaDoor('odd') })
  const { body: list } = await json('GET', doorsAt('v1beta1'))
  const { kind: _kind, apiVersion: _apiVersion, ...item } = body
  expect(list.items).toEqual([item])
  expect(await json('GET', doorsAt('v1beta1', 'odd'))).toMatchObject({
    code: 500,
    body: { message: expect.stringContaining('no such door') },
  })
})

it('what a conversion fails for keeps its finalizers: it is not deleted by that version, neither alone nor with others', async () => {
  const fails: Conversion = {
    toStored: (object) => object,
    fromStored() {
      throw new Error('no answer from the webhook')
    },
  }
  const storage: Storage = { version: 'v1', others: { v1beta1: fails } }
  const old = { ...betaOf(undefined), storage }
  const { json, stored } = await setUp(old, { ...stableOf(storage), node: old.node, parse: old.parse })
  await json('POST', doorsAt('v1beta1'), { body: betaDoor('a', { open: true }, { finalizers: ['example.com/held'] }) })
  const before = stored('a')
  expect(before).toContain('example.com/held')
  for (const url of [doorsAt('v1beta1', 'a'), doorsAt('v1beta1')])
    expect(await json('DELETE', url)).toMatchObject({ code: 500, body: { message: expect.stringContaining('no answer from the webhook') } })
  expect(stored('a')).toBe(before)
})

it('a conversion gives nobody an owner, lets go of nothing that is held, and changes no time or count of the hub', async () => {
  const spoilt = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: {
      name: '',
      labels: { converted: 'yes' },
      generation: 99,
      deletionTimestamp: '2020-01-01T00:00:00Z',
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'gone' }],
    },
  })
  const storage: Storage = { version: 'v1', others: { v1beta1: { toStored: spoilt, fromStored: spoilt } } }
  const old = { ...betaOf(undefined), storage }
  const { json, stored } = await setUp(old, { ...stableOf(storage), node: old.node, parse: old.parse })
  const held = { finalizers: ['example.com/held'], annotations: { a: 'b' } }
  const { body } = await json('POST', doorsAt('v1beta1'), { body: betaDoor('a', { open: true }, held) })
  const { resourceVersion: _, managedFields, ...metadata } = body.metadata
  expect(metadata).toEqual({
    ...{ name: 'a', namespace: 'default', uid: expect.any(String), creationTimestamp: expect.any(String) },
    ...{ labels: { converted: 'yes' }, finalizers: held.finalizers },
  })
  expect(JSON.parse(stored('a')).metadata).toEqual({ ...metadata, managedFields })
})

it('names that look like numbers survive storage wherever they stand', async () => {
  const { json, ask, store } = await setUp()
  const url = '/api/v1/namespaces/default/configmaps'
  const data = { '10': 'ten', '9': 'nine', b: 'b', '01': 'one', '4294967296': 'large' }
  await json('POST', url, {
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', annotations: data, labels: { '7': '7' } }, data },
  })
  const merge = 'application/merge-patch+json'
  await json('PATCH', `${url}/a`, { body: { data: { '8': 'eight', '10': null } }, contentType: merge })
  await json('PATCH', `${url}/a`, { body: [{ op: 'add', path: '/data/0', value: 'zero' }], contentType: 'application/json-patch+json' })
  await json('PATCH', `${url}/a`, { body: { data: { '5': 'five' } }, contentType: 'application/strategic-merge-patch+json' })
  const { '10': _ten, ...left } = data
  const { body } = await json('GET', `${url}/a`)
  expect(body).toMatchObject({
    metadata: { annotations: data, labels: { '7': '7' } },
    data: { ...left, '8': 'eight', '0': 'zero', '5': 'five' },
  })
  const answer = await ask('GET', `${url}/a`)
  const text = store.get('/core/configmaps/default/a')?.value ?? ''
  expect(answer.type === 'raw' && String(answer.raw).replace(/"resourceVersion":"\d+",/, '')).toBe(text)
})
