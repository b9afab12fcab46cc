import { expect, test } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { neededOf, withSpecOf } from './needed.ts'

const annotations = { note: 'x'.repeat(250_000), 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8' }
const object = (kind: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a', annotations, managedFields: [] },
  ...more,
})
const kept = (given: unknown) => neededOf(given as KubeObject, 'pi-1')

test('of a Service a node keeps the rule in its annotations and no notes, of a pod all', () => {
  const { note: _note, ...rule } = annotations
  expect(kept(object('Service'))).toEqual([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a', annotations: rule } }])
  expect(kept({ ...object('EndpointSlice'), metadata: { name: 'a', annotations: { note: 'x' } } })).toEqual([
    { apiVersion: 'v1', kind: 'EndpointSlice', metadata: { name: 'a' } },
  ])
  expect(kept(object('Pod'))).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', annotations } }])
})

test('of another node what routes need is kept, of its own all; what is no object costs nothing else', () => {
  const images = Array.from({ length: 1_000 }, () => ({}))
  const node = (name: string) => ({ ...object('Node', { status: { images } }), metadata: { name } })
  expect(kept(node('pi-2'))).toEqual([{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-2' } }])
  expect(kept(node('pi-1'))).toEqual([node('pi-1')])
  for (const broken of [null, 7, {}, { metadata: null }, { ...node('pi-2'), status: { addresses: 7 } }]) expect(kept(broken)).toEqual([])
})

test('the spec of a state before is kept where it is the same, so that its megabytes are there once', () => {
  const before = object('Pod', { spec: { args: ['x'] }, status: { phase: 'Pending' } })
  const now = object('Pod', { spec: { args: ['x'] }, status: { phase: 'Running' } })
  const next = withSpecOf(before, now)
  expect(next).toEqual(now)
  expect((next as { spec?: unknown }).spec).toBe((before as { spec?: unknown }).spec)
  const other = object('Pod', { spec: { args: ['y'] } })
  expect(withSpecOf(before, other)).toBe(other)
  expect(withSpecOf(undefined, now)).toBe(now)
  expect(withSpecOf(object('ConfigMap'), object('ConfigMap'))).not.toHaveProperty('spec')
})
