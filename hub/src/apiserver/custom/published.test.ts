import { expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { definitionOf, definitionsAt } from '../testing/definitions.ts'

const name = 'com.example.stable.v1.Shirt'

async function published(openAPIV3Schema: object): Promise<{ v2: Json; v3: Json }> {
  const { json } = await createTestApi()
  const made = await json('POST', definitionsAt(), { body: definitionOf({ version: { schema: { openAPIV3Schema } } }) })
  expect([made.code, made.body.message]).toEqual([201, undefined])
  const v2 = (await json('GET', '/openapi/v2')).body.definitions[name]
  const v3 = (await json('GET', '/openapi/v3/apis/stable.example.com/v1')).body.components.schemas[name]
  return { v2, v3 }
}
const kinds = { 'x-kubernetes-group-version-kind': [{ group: 'stable.example.com', version: 'v1', kind: 'Shirt' }] }

it('a schema is published with all that stands in it, in both documents', async () => {
  const spec = {
    ...{ type: 'object', description: 'What it shall be.', required: ['size'], minProperties: 1 },
    properties: {
      size: { type: 'string', pattern: 'S|M', maxLength: 1, default: 'M' },
      many: { type: 'array', maxItems: 3, items: { type: 'object', properties: { at: { type: 'string', format: 'date-time' } } } },
      more: { type: 'object', additionalProperties: { type: 'integer', format: 'int32', minimum: 1 } },
      all: { type: 'object', additionalProperties: true },
      port: { 'x-kubernetes-int-or-string': true },
    },
    'x-kubernetes-validations': [{ rule: 'self.size != "S"' }],
  }
  const root = { type: 'object', description: 'A shirt.', 'x-kubernetes-validations': [{ rule: 'has(self.spec)' }] }
  const { v2, v3 } = await published({ ...root, properties: { spec } })
  for (const { properties, ...whole } of [v2, v3]) {
    expect(whole).toEqual({ ...root, ...kinds })
    expect(properties).toEqual({ apiVersion: expect.anything(), kind: expect.anything(), metadata: expect.anything(), spec })
  }
})

it('what every object has is described in the words that clients look for', async () => {
  const { json } = await createTestApi()
  await json('POST', definitionsAt(), { body: definitionOf() })
  const { definitions } = (await json('GET', '/openapi/v2')).body
  const meta = definitions['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta']
  for (const { properties } of [definitions[name], definitions['io.k8s.api.apps.v1.Deployment']]) {
    expect(properties.apiVersion.description).toMatch(/^APIVersion defines /)
    expect(properties.metadata.description).toMatch(/^Standard object's metadata/)
  }
  expect(meta.properties.creationTimestamp.description).toMatch(/^CreationTimestamp is a timestamp/)
})

it('what v2 has no words for is left open there, or kubectl before 1.27 would refuse it', async () => {
  const text = { type: 'string' }
  const spec = {
    type: 'object',
    required: ['a', 'b'],
    anyOf: [{ required: ['a'] }],
    properties: {
      a: { ...text, nullable: true },
      b: { type: 'object', nullable: true, properties: { c: text } },
      free: { type: 'object', description: 'Free.', 'x-kubernetes-preserve-unknown-fields': true, properties: { c: text } },
      list: { type: 'array', 'x-kubernetes-preserve-unknown-fields': true, items: text },
      either: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
    },
  }
  const { v2, v3 } = await published({ type: 'object', properties: { spec } })
  expect(v3.properties.spec).toEqual(spec)
  expect(v2.properties.spec).toEqual({
    type: 'object',
    properties: {
      a: {},
      b: {},
      free: { description: 'Free.', 'x-kubernetes-preserve-unknown-fields': true },
      list: { 'x-kubernetes-preserve-unknown-fields': true },
      either: { 'x-kubernetes-int-or-string': true },
    },
  })
})

it('of an object that may hold anything v2 says that it is one', async () => {
  const { v2, v3 } = await published({ ...{ type: 'object', description: 'Any.' }, 'x-kubernetes-preserve-unknown-fields': true })
  expect(v2).toEqual({ type: 'object', ...kinds })
  expect(v3).toMatchObject({ description: 'Any.', 'x-kubernetes-preserve-unknown-fields': true, properties: { kind: { type: 'string' } } })
})

it('an object within an object has what every object has', async () => {
  const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true, required: ['spec'], properties: { spec: { type: 'object' } } }
  const free = { ...embedded, 'x-kubernetes-preserve-unknown-fields': true }
  const { v2, v3 } = await published({ type: 'object', properties: { embedded, free } })
  const whole = { required: ['spec', 'apiVersion', 'kind'], properties: { apiVersion: { type: 'string' }, metadata: expect.anything() } }
  expect([v2.properties.embedded, v3.properties.embedded, v3.properties.free]).toMatchObject([whole, whole, whole])
  expect(v2.properties.free.properties).toBeUndefined()
})
