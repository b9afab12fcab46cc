import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { type Field, type ObjectNode, typeNodeOf } from './type-node.ts'
import { f, inlined, message, oneOf, opt } from '../types/field.ts'
import { any, bytes, int32, intOrString, quantity, stringMap, text, time } from '../types/scalars.ts'

const source = message('Source', { path: opt(1, text), size: opt(2, quantity) })
const inner = message(
  'apps/v1.Inner',
  { name: f(1, text), ...source.shape },
  { inline: [inlined(2, source)], description: 'what it holds' },
)
const outer = message('Outer', {
  inner: f(1, inner),
  again: opt(2, inner, { description: 'once more' }),
  count: f(3, int32.default(1), { ptr: true }),
  items: opt(4, z.array(inner), { list: 'map', keys: ['name'], patch: 'merge,retainKeys', key: 'name' }),
  labels: opt(5, stringMap, { map: 'atomic' }),
  port: opt(6, intOrString),
  when: opt(7, time),
  raw: opt(8, any),
  data: opt(9, bytes),
  phase: f(10, oneOf('A', 'B').default('A')),
})

const node = typeNodeOf(outer) as ObjectNode
const field = (name: string): Field => node.fields.get(name) as Field

describe('typeNodeOf', () => {
  it('reads names, numbers and what must be given', () => {
    expect(node).toMatchObject({ tag: 'object', typeName: 'Outer', group: 'v1' })
    expect(field('inner')).toMatchObject({ number: 1, required: true, pointer: false, description: undefined })
    expect(field('again')).toMatchObject({ number: 2, required: false, description: 'once more' })
    expect(field('count')).toMatchObject({ number: 3, required: false, pointer: true, default: 1 })
  })

  it('gives one node to one type, with its own description and inlined structs', () => {
    expect(field('inner').type).toBe(field('again').type)
    expect(field('inner').type).toMatchObject({
      typeName: 'Inner',
      group: 'apps/v1',
      description: 'what it holds',
      inline: [{ n: 2, type: 'Source', fields: ['path', 'size'] }],
    })
    expect(typeNodeOf(outer)).toBe(node)
  })

  it('reads how lists and maps merge', () => {
    expect(field('items').type).toMatchObject({
      tag: 'list',
      listType: 'map',
      listKeys: ['name'],
      patchMergeKey: 'name',
      patchStrategy: ['merge', 'retainKeys'],
    })
    expect(field('labels').type).toMatchObject({ tag: 'map', atomic: true, value: { tag: 'scalar', type: 'string' } })
  })

  it.each([
    ['count', { tag: 'scalar', type: 'integer', format: 'int32' }],
    ['port', { tag: 'scalar', format: 'int-or-string' }],
    ['when', { tag: 'scalar', type: 'string', format: 'time' }],
    ['raw', { tag: 'any' }],
    ['data', { tag: 'scalar', format: 'bytes' }],
    ['phase', { tag: 'scalar', type: 'string', enum: ['A', 'B'] }],
  ])('knows the scalar of %s', (name, type) => {
    expect(field(name).type).toMatchObject(type)
  })

  it('follows a type that contains itself', () => {
    const props: z.ZodObject = message('Props', {
      type: opt(1, text),
      items: opt(
        2,
        z.lazy((): z.ZodObject => props),
      ),
    })
    const tree = typeNodeOf(props) as ObjectNode
    expect(tree.fields.get('items')?.type).toBe(tree)
  })

  it('keeps what an open object holds', () => {
    expect(typeNodeOf(z.looseObject({}))).toMatchObject({ open: true })
    expect(typeNodeOf(z.strictObject({}))).toMatchObject({ open: false })
  })
})
