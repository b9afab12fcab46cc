import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { typeNodeOf } from '@bramble/shared/schema/type-node.ts'
import { pruneUnknown } from './unknown-fields.ts'

const node = typeNodeOf(
  z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    containers: z.array(z.object({ image: z.string(), args: z.array(z.string()).optional() })).optional(),
    raw: z.unknown(),
    open: z.looseObject({ a: z.string().optional() }).optional(),
  }),
)

describe('pruneUnknown', () => {
  it('gives the value itself back when every field is known', () => {
    const value = { name: 'x', labels: { a: 'b' }, containers: [{ image: 'i', args: ['a'] }] }
    const pruned = pruneUnknown(node, value)
    expect(pruned.value).toBe(value)
    expect(pruned.unknown).toEqual([])
  })

  it('names what it took away by path', () => {
    const value = { name: 'x', Name: 'y', containers: [{ image: 'i' }, { image: 'i', imag: 'j' }] }
    expect(pruneUnknown(node, Object.freeze(value))).toEqual({
      value: { name: 'x', containers: [{ image: 'i' }, { image: 'i' }] },
      unknown: ['Name', 'containers[1].imag'],
    })
  })

  it('drops nulls, and makes what Go makes of nulls inside maps and lists', () => {
    expect(pruneUnknown(node, { name: null, labels: { a: null }, containers: [null, { image: 'x', args: [null] }] }).value).toEqual({
      labels: { a: '' },
      containers: [{}, { image: 'x', args: [''] }],
    })
  })

  it('keeps any subtree and open object whole, nulls included', () => {
    const value = { name: 'x', raw: { deep: [null, { x: null }] }, open: { b: { c: null } } }
    expect(pruneUnknown(node, value)).toEqual({ value, unknown: [] })
  })

  it('leaves wrong types for validation to refuse', () => {
    const value = { name: { a: 1 }, labels: [1], containers: { image: 'x' } }
    expect(pruneUnknown(node, value).value).toEqual({ ...value, labels: [1] })
    expect(pruneUnknown(node, { labels: [null] }).value).toEqual({ labels: [null] })
  })

  it('takes __proto__ for the unknown field it is', () => {
    const pruned = pruneUnknown(node, JSON.parse('{"name":"x","__proto__":{"polluted":1}}'))
    expect(pruned.unknown).toEqual(['__proto__'])
    expect((pruned.value as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('answers a body full of nonsense with a bounded list', () => {
    const value = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x${index}`, 1]))
    expect(pruneUnknown(node, value).unknown).toHaveLength(100)
  })

  it('tells of a long name as much as anybody reads', () => {
    const value = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${index}${'x'.repeat(10_000)}`, 1]))
    const { unknown } = pruneUnknown(node, value)
    expect(unknown).toHaveLength(100)
    expect(unknown.join('').length).toBeLessThan(50_000)
  })
})
