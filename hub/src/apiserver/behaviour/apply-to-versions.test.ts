import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import type { ManagedFieldsEntry } from '@bramble/shared/meta/object-meta.ts'
import { expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { beta, betaDoor, doorsAt, group, stable, stableDoor } from '../testing/doors.ts'
import { gadget, gadgetsAt, gadgetsOf } from '../testing/gadgets.ts'

const contentType = 'application/apply-patch+yaml'

async function setUp(kinds: Parameters<typeof createKindSet>[0]) {
  const served = createKindSet([...builtIn, ...kinds])
  const api = await createTestApi({ kinds: served })
  const as = (manager: string, url: string, body: unknown, more = '') =>
    api.json('PATCH', `${url}?fieldManager=${manager}${more}`, { body, contentType })
  const owners = async (url: string): Promise<Json> => {
    const entries = ((await api.json('GET', url)).body.metadata.managedFields ?? []) as ManagedFieldsEntry[]
    return Object.fromEntries(
      entries.map(({ manager, apiVersion, fieldsV1 }) => [`${manager} ${apiVersion?.split('/')[1]}`, (fieldsV1 as Json)['f:spec'] ?? {}]),
    )
  }
  return { ...api, served, as, owners }
}

it('each owner names fields in the version that it writes, and what another writes in another one is its conflict all the same', async () => {
  const { as, owners, json, served } = await setUp([beta, stable])
  await as('old', doorsAt('v1beta1', 'a'), betaDoor('a', { open: true }))
  await as('new', doorsAt('v1', 'a'), stableDoor('a', { lock: 'yale' }))
  expect(await owners(doorsAt('v1', 'a'))).toEqual({ 'old v1beta1': { 'f:open': {} }, 'new v1': { 'f:lock': {} } })
  expect((await json('GET', doorsAt('v1', 'a'))).body.spec).toEqual({ width: 80, lock: 'yale' })

  // Wider is still open; shut is not.
  expect((await as('new', doorsAt('v1', 'a'), stableDoor('a', { lock: 'yale', width: 90 }))).code).toBe(200)
  expect((await as('new', doorsAt('v1', 'a'), stableDoor('a', { lock: 'yale', width: 0 }))).body.message).toBe(
    'Apply failed with 1 conflict: conflict with "old": .spec.open',
  )
  expect((await as('new', doorsAt('v1', 'a'), stableDoor('a', { lock: 'yale', width: 0 }), '&force=true')).code).toBe(200)
  expect(await owners(doorsAt('v1beta1', 'a'))).toEqual({ 'new v1': { 'f:lock': {}, 'f:width': {} } })

  // The same applier in another version: what it named in the old one goes by that.
  await as('new', doorsAt('v1beta1', 'a'), betaDoor('a', { open: true }), '&force=true')
  expect(await owners(doorsAt('v1', 'a'))).toEqual({ 'new v1beta1': { 'f:open': {} } })

  // Of a version that is served no more nobody owns anything after the next change.
  served.remove(beta)
  await json('PATCH', doorsAt('v1', 'a'), { body: { spec: { width: 7 } }, contentType: 'application/merge-patch+json' })
  expect(await owners(doorsAt('v1', 'a'))).toEqual({ 'unknown v1': { 'f:width': {} } })
  expect((await as('new', doorsAt('v1', 'a'), stableDoor('a', { lock: 'abus' }))).body.spec).toEqual({ width: 7, lock: 'abus' })
  expect(group).toBe('house.example.com')
})

const schema = (list: 'map' | 'atomic') => ({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        kept: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': list,
          ...(list === 'map' && { 'x-kubernetes-list-map-keys': ['name', 'side'] }),
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, side: { type: 'string', default: 'left' }, value: { type: 'integer' } },
          },
        },
      },
    },
  },
})

it('a custom resource is applied by its schema, and what that lets through by what it is', async () => {
  const { as, owners, json } = await setUp([gadgetsOf(schema('map'))])
  await as('one', gadgetsAt('a'), gadget('a', { kept: { x: { y: 1 }, list: [1] }, parts: [{ name: 'p', value: 1 }] }))
  expect(await owners(gadgetsAt('a'))).toEqual({
    'one v1': {
      'f:kept': { 'f:x': { '.': {}, 'f:y': {} }, 'f:list': {} },
      'f:parts': { 'k:{"name":"p","side":"left"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
    },
  })
  await as('two', gadgetsAt('a'), gadget('a', { kept: { x: { z: 2 } }, parts: [{ name: 'p', side: 'right', value: 2 }] }))
  expect((await json('GET', gadgetsAt('a'))).body.spec).toEqual({
    kept: { x: { y: 1, z: 2 }, list: [1] },
    parts: [
      { name: 'p', side: 'left', value: 1 },
      { name: 'p', side: 'right', value: 2 },
    ],
  })
  expect((await as('two', gadgetsAt('a'), gadget('a', { sise: 1 }))).body.message).toBe(
    'failed to create typed patch object (/a; lab.example.com/v1, Kind=Gadget): .spec.sise: field not declared in schema',
  )
  expect(
    (await as('two', gadgetsAt('a'), gadget('a', { parts: [{ value: 1 }, { name: 'q' }, { name: 'q', side: 'left' }] }))).body.message,
  ).toContain('.spec.parts: duplicate entries for key [name="q",side="left"]')
})

it('whoever owned a part of what has become one value since owns it whole', async () => {
  const before = gadgetsOf(schema('map'))
  const { as, owners, served } = await setUp([before])
  await as('one', gadgetsAt('a'), gadget('a', { parts: [{ name: 'p', value: 1 }] }))
  await as('two', gadgetsAt('a'), gadget('a', { parts: [{ name: 'q', value: 1 }] }))
  served.replace([before], [gadgetsOf(schema('atomic'))])
  expect((await as('three', gadgetsAt('a'), gadget('a', { parts: [{ name: 'r', side: 'left' }] }))).body.message).toBe(
    'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.parts\nconflicts with "two":\n- .spec.parts',
  )
  await as('three', gadgetsAt('a'), gadget('a', { parts: [{ name: 'r', side: 'left' }] }), '&force=true')
  expect(await owners(gadgetsAt('a'))).toEqual({ 'three v1': { 'f:parts': {} } })
})
