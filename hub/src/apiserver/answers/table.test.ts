import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { defineKind } from '@bramble/shared/schema/kind.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { toTable } from './table.ts'

type Gadget = KubeObject & { readonly size?: number; readonly seen?: string }
const gadgets = defineKind<Gadget>({
  group: 'test.io',
  version: 'v1',
  kind: 'Gadget',
  resource: 'gadgets',
  singular: 'gadget',
  namespaced: true,
  schema: z.custom<Gadget>(),
  description: 'A thing.',
  columns: [
    { name: 'Name', type: 'string', format: 'name', description: 'Its name.', cell: ({ metadata }) => metadata.name },
    { name: 'Size', type: 'integer', description: 'Its size.', priority: 1, cell: ({ size }) => size },
    { name: 'Seen', type: 'date', description: 'When last.', cell: ({ seen }) => seen },
    { name: 'Owner', type: 'string', description: 'Whose.', cell: () => undefined },
  ],
})
const object: Gadget = { apiVersion: 'test.io/v1', kind: 'Gadget', metadata: { name: 'g', uid: 'u' }, seen: '2026-01-01T00:00:00Z' }
const request = {
  version: 'meta.k8s.io/v1',
  kind: gadgets,
  objects: [object],
  listMeta: { resourceVersion: '7', continue: 'c' },
  includeObject: 'Metadata',
  now: new Date('2026-01-01T00:03:10Z'),
  withColumns: true,
} as const

describe('toTable', () => {
  it('prints dates as ages and absent values as kubectl does', () => {
    const table = toTable(request)
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: '7', continue: 'c' } })
    expect(table.columnDefinitions).toEqual([
      { name: 'Name', type: 'string', format: 'name', description: 'Its name.', priority: 0 },
      { name: 'Size', type: 'integer', format: '', description: 'Its size.', priority: 1 },
      { name: 'Seen', type: 'string', format: '', description: 'When last.', priority: 0 },
      { name: 'Owner', type: 'string', format: '', description: 'Whose.', priority: 0 },
    ])
    expect(table.rows[0]?.cells).toEqual(['g', 0, '3m10s', '<none>'])
  })

  it.each([
    ['Metadata', { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }],
    ['Object', object],
    ['None', undefined],
  ] as const)('carries with includeObject=%s what was asked', (includeObject, wanted) => {
    expect(toTable({ ...request, includeObject }).rows[0]?.object).toEqual(wanted)
  })

  it('prints name and age of a kind without columns, and no columns where they are known', () => {
    const table = toTable({ ...request, kind: { ...gadgets, columns: [] }, withColumns: false })
    expect(table.columnDefinitions).toBeNull()
    expect(table.rows[0]?.cells).toEqual(['g', '<unknown>'])
  })
})
