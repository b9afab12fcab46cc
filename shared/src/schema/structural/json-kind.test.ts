import { expect, it } from 'vitest'
import { defineJsonKind } from './json-kind.ts'
import { readSchema } from './read-schema.ts'

const kindOf = (schema: object, group = 'lab.example.com') => {
  const read = readSchema({ type: 'object', properties: { spec: schema } })
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return defineJsonKind({
    ...{ group, version: 'v1', kind: 'Gadget', resource: 'gadgets', singular: 'gadget', namespaced: true, columns: [] },
    ...{ description: 'A thing of the lab.', read: () => read, schemaId: () => 'a' },
  })
}

it('a group without a dot is refused', () => {
  expect(() => kindOf({ type: 'object' }, 'apps')).toThrow('group "apps" of Gadget should be a domain with at least one dot')
})

it('an object that its defaults would make too large is read without them and invalid at the place where it is too much', () => {
  const member = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, default: { a: Array.from({ length: 500 }, () => 1) } }
  const kind = kindOf({ type: 'array', items: { type: 'object', properties: { member } } })
  const errorsOf = (count: number) => {
    const given = {
      apiVersion: 'lab.example.com/v1',
      kind: 'Gadget',
      metadata: { name: 'x' },
      spec: Array.from({ length: count }, () => ({})),
    }
    const parsed = kind.parse(given)
    if (!parsed.ok) throw parsed.error
    return { spec: parsed.object['spec'], errors: kind.validate?.(parsed.object) }
  }
  expect(errorsOf(10)).toMatchObject({ spec: expect.arrayContaining([{ member: member.default }]), errors: [] })
  expect(errorsOf(100)).toMatchObject({
    spec: Array.from({ length: 100 }, () => ({})),
    errors: [{ field: expect.stringMatching(/^spec\[5\d\]\.member\.a\[\d+\]$/) }],
  })
})

it('what a schema keeps of fields that it does not name', () => {
  const specOf = (schema: object) => {
    const { node } = kindOf(schema)
    return node.tag === 'object' ? node.fields.get('spec')?.type : undefined
  }
  const named = { a: { type: 'object', properties: {} } }
  const open = 'x-kubernetes-preserve-unknown-fields'
  expect(specOf({ type: 'object', properties: named })).toMatchObject({ tag: 'object', open: false })
  expect(specOf({ type: 'object', properties: named, [open]: true })).toMatchObject({ tag: 'object', open: true })
  expect(specOf({ type: 'object', properties: named, additionalProperties: true })).toMatchObject({ tag: 'object', open: true })
  expect(specOf({ type: 'object', additionalProperties: true })).toMatchObject({ tag: 'map', value: { tag: 'any' } })
  // Members are held to their schema, however open the map is.
  expect(specOf({ type: 'object', [open]: true, additionalProperties: named.a })).toMatchObject({ tag: 'map', value: { open: false } })
})

it('a schema that is not good refuses what it would have to check, and hides nothing that is there', () => {
  const kind = defineJsonKind({
    ...{ group: 'lab.example.com', version: 'v1', kind: 'Gadget', resource: 'gadgets', singular: 'gadget', namespaced: true, columns: [] },
    ...{ description: '', schemaId: () => 'a' },
    read: () => readSchema({ type: 'string' }),
  })
  const parsed = kind.parse({ apiVersion: 'lab.example.com/v1', kind: 'Gadget', metadata: { name: 'x' }, spec: { a: 1 } })
  if (!parsed.ok) throw parsed.error
  expect(parsed.object).toMatchObject({ spec: { a: 1 } })
  expect(kind.node).toMatchObject({ tag: 'object', open: true })
  expect(kind.validate?.(parsed.object)).toEqual([
    { reason: 'FieldValueInvalid', field: '<nil>', message: expect.stringContaining('its schema cannot be used: openAPIV3Schema.type') },
  ])
})
