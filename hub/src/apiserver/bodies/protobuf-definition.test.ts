import { createCodec } from '@bramble/shared/protobuf/table-codec.ts'
import { expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'
import { definitionsAt } from '../testing/definitions.ts'

// The slice of Kubernetes' generated.proto files that this test speaks: what is a schema or something else has a message of its own there.
const codec = createCodec({
  enums: {},
  messages: {
    Unknown: { typeMeta: [1, 'TypeMeta'], raw: [2, 'bytes'] },
    TypeMeta: { apiVersion: [1, 'string'], kind: [2, 'string'] },
    ObjectMeta: { name: [1, 'string'] },
    Definition: { metadata: [1, 'ObjectMeta'], spec: [2, 'Spec'] },
    Spec: { group: [1, 'string'], names: [3, 'Names'], scope: [4, 'string'], versions: [7, 'repeated Version'] },
    Names: { plural: [1, 'string'], kind: [4, 'string'] },
    Version: { name: [1, 'string'], served: [2, 'bool'], storage: [3, 'bool'], schema: [4, 'Validation'] },
    Validation: { openAPIV3Schema: [1, 'Schema'] },
    Schema: {
      type: [5, 'string'],
      default: [8, 'Json'],
      enum: [20, 'repeated Json'],
      items: [24, 'OrArray'],
      properties: [29, 'map<string,Schema>'],
      additionalProperties: [30, 'OrBool'],
    },
    Json: { raw: [1, 'bytes'] },
    OrArray: { schema: [1, 'Schema'] },
    OrBool: { allows: [1, 'bool'], schema: [2, 'Schema'] },
  },
})
const json = (value: unknown) => ({ raw: Buffer.from(JSON.stringify(value)) })

it('a definition in protobuf says what it would say in JSON', async () => {
  const api = await createTestApi()
  const properties = {
    color: { type: 'string', default: json('red'), enum: [json('red'), json('blue')] },
    list: { type: 'array', items: { schema: { type: 'object', properties: { a: { type: 'integer' } } } } },
    map: { type: 'object', additionalProperties: { allows: true, schema: { type: 'string' } } },
    open: { type: 'object', additionalProperties: { allows: true } },
  }
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } }
  const raw = codec.encode('Definition', {
    metadata: { name: 'shirts.stable.example.com' },
    spec: {
      ...{ group: 'stable.example.com', scope: 'Namespaced', names: { plural: 'shirts', kind: 'Shirt' } },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  })
  const typeMeta = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }
  const body = Buffer.concat([Buffer.from('k8s\0'), codec.encode('Unknown', { typeMeta, raw })])
  const { code, body: made } = await api.json('POST', definitionsAt(), { body, contentType: 'application/vnd.kubernetes.protobuf' })
  expect([code, made.message]).toEqual([201, undefined])
  expect(made.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties).toEqual({
    color: { type: 'string', default: 'red', enum: ['red', 'blue'] },
    list: { type: 'array', items: { type: 'object', properties: { a: { type: 'integer' } } } },
    map: { type: 'object', additionalProperties: { type: 'string' } },
    open: { type: 'object', additionalProperties: true },
  })
})
