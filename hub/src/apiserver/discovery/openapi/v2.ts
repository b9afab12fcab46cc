import type { Parameter, Route } from '../../routes/route.ts'
import { openApiModel } from './model.ts'
import { tagOf } from './operation-names.ts'
import { creates, type Operation } from './operations.ts'
import { type PathItem, pathParameters, pathsOf, textOf } from './document.ts'
import type { NamedSchema } from './schemas.ts'
import type { OpenApiSchema } from './dialect.ts'
import type { CodecTable } from '@bramble/shared/protobuf/codec-table.ts'
import { createCodec } from '@bramble/shared/protobuf/table-codec.ts'

/** The one OpenAPI v2 document of all that is served, to be written once; kubectl before 1.27 knows no other, but wants it as `gnosticOf` makes it. */
export async function openApiV2(routes: readonly Route[], version: string): Promise<OpenApiV2> {
  const { operations, schemas } = await openApiModel(routes, 'v2')
  const paths = pathsOf(operations, operationOf, (name) => ({
    name,
    in: 'path' as const,
    required: true,
    type: 'string',
    uniqueItems: true,
    description: pathParameters[name] ?? '',
  }))
  return { head: { swagger: '2.0', info: { title: 'Bramble', version } }, paths, definitions: schemas }
}

/** Its members are made as they are written. */
export type OpenApiV2 = {
  readonly head: { readonly swagger: string; readonly info: { readonly title: string; readonly version: string } }
  readonly paths: Iterable<readonly [path: string, PathV2]>
  readonly definitions: Iterable<NamedSchema>
}

/** The pieces of its JSON. */
export const jsonOf = ({ head, paths, definitions }: OpenApiV2): Iterable<string> =>
  textOf(head, [
    ['"paths":{', paths, '}'],
    ['"definitions":{', definitions, '}'],
  ])

type PathV2 = PathItem<OperationV2, ParameterV2>
type ParameterV2 = {
  readonly name: string
  readonly in: 'path' | 'query' | 'body'
  readonly description?: string
  readonly required?: boolean
  readonly type?: string
  readonly schema?: OpenApiSchema
}
type OperationV2 = ReturnType<typeof operationOf>

const operationOf = ({ operationId, description, action, gvk, query, body, bodyTypes = ['*/*'], answer, method }: Operation) => ({
  tags: [tagOf(gvk)],
  description,
  operationId,
  consumes: bodyTypes,
  produces: [answer === undefined ? 'text/plain' : 'application/json'],
  parameters: [
    ...(body === undefined ? [] : [{ name: 'body', in: 'body' as const, required: method !== 'delete', schema: body }]),
    ...query.map(queryParameter),
  ] as readonly ParameterV2[],
  responses: {
    [creates({ method, action }) ? '201' : '200']: {
      description: creates({ method, action }) ? 'Created' : 'OK',
      schema: answer ?? { type: 'string' },
    },
    '401': { description: 'Unauthorized' },
  } as Readonly<Record<string, { readonly description: string; readonly schema?: OpenApiSchema }>>,
  'x-kubernetes-action': action,
  'x-kubernetes-group-version-kind': gvk,
})

const queryParameter = ({ name, type, description }: Parameter): ParameterV2 => ({ name, in: 'query', type, description })

/**
 * The pieces of the document as gnostic's `openapi.v2.Document`, the only form in which kubectl before 1.27 takes it. Each piece is a Document
 * of one member: messages one after the other are one message with the members of all.
 */
export function* gnosticOf({ head, paths, definitions }: OpenApiV2): Generator<Uint8Array> {
  const codec = createCodec(gnostic)
  yield codec.encode('Document', head)
  for (const [name, item] of paths) yield codec.encode('Document', { paths: { path: [{ name, value: pathMessage(item) }] } })
  for (const [name, schema] of definitions)
    yield codec.encode('Document', { definitions: { additionalProperties: [{ name, value: schemaMessage(schema) }] } })
}

const named = <T>(record: Readonly<Record<string, T>>, message: (value: T) => object) =>
  Object.entries(record).map(([name, value]) => ({ name, value: message(value) }))

/** gnostic keeps what it has no message for as YAML text; JSON is YAML. */
const yaml = (value: unknown) => ({ yaml: JSON.stringify(value) })

const extensions = (value: object) =>
  Object.entries(value)
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, extension]) => ({ name, value: yaml(extension) }))

function pathMessage({ parameters, ...methods }: PathV2): object {
  const operations = Object.entries(methods).map(([method, operation]) => [method, operationMessage(operation)])
  return { ...Object.fromEntries(operations), ...(parameters && { parameters: parameters.map(parameterMessage) }) } as object
}

const operationMessage = (operation: OperationV2) => ({
  tags: operation.tags,
  description: operation.description,
  operationId: operation.operationId,
  produces: operation.produces,
  consumes: operation.consumes,
  parameters: operation.parameters.map(parameterMessage),
  responses: {
    responseCode: named(operation.responses, ({ description, schema }) => ({
      response: { description, ...(schema && { schema: { schema: schemaMessage(schema) } }) },
    })),
  },
  vendorExtension: extensions(operation),
})

function parameterMessage({ in: place, schema, ...rest }: ParameterV2): object {
  const { name, description, required, type } = rest
  if (place === 'body')
    return { parameter: { bodyParameter: { name, in: place, description, required, schema: schema && schemaMessage(schema) } } }
  const sub = { name, in: place, description, required, type }
  return { parameter: { nonBodyParameter: place === 'path' ? { pathParameterSubSchema: sub } : { queryParameterSubSchema: sub } } }
}

function schemaMessage(schema: OpenApiSchema): object {
  const { $ref, type, default: fallback, required, enum: values, properties, items, additionalProperties, ...rest } = schema
  return {
    _ref: $ref,
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => Object.hasOwn(gnosticSchema, name))),
    ...(fallback !== undefined && { default: yaml(fallback) }),
    ...(required !== undefined && { required }),
    ...(Array.isArray(values) && { enum: values.map(yaml) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean'
          ? { boolean: additionalProperties }
          : { schema: schemaMessage(additionalProperties as OpenApiSchema) },
    }),
    ...(type !== undefined && { type: { value: [type] } }),
    ...(items !== undefined && { items: { schema: [schemaMessage(items as OpenApiSchema)] } }),
    ...(properties !== undefined && {
      properties: { additionalProperties: named(properties as Readonly<Record<string, OpenApiSchema>>, schemaMessage) },
    }),
    vendorExtension: extensions(schema),
  }
}

/** What of a schema is written as it stands. */
const gnosticSchema = {
  ...{ format: [2, 'string'], title: [3, 'string'], description: [4, 'string'], multipleOf: [6, 'double'] },
  ...{ maximum: [7, 'double'], exclusiveMaximum: [8, 'bool'], minimum: [9, 'double'], exclusiveMinimum: [10, 'bool'] },
  ...{ maxLength: [11, 'int64'], minLength: [12, 'int64'], pattern: [13, 'string'], maxItems: [14, 'int64'], minItems: [15, 'int64'] },
  ...{ uniqueItems: [16, 'bool'], maxProperties: [17, 'int64'], minProperties: [18, 'int64'] },
} as const satisfies CodecTable['messages'][string]

/** The part of gnostic's OpenAPIv2.proto that Kubernetes documents use. */
const gnostic: CodecTable = {
  enums: {},
  messages: {
    Document: { swagger: [1, 'string'], info: [2, 'Info'], paths: [8, 'Paths'], definitions: [9, 'Definitions'] },
    Info: { title: [1, 'string'], version: [2, 'string'] },
    Paths: { path: [2, 'repeated NamedPathItem'] },
    NamedPathItem: { name: [1, 'string'], value: [2, 'PathItem'] },
    PathItem: {
      get: [2, 'Operation'],
      put: [3, 'Operation'],
      post: [4, 'Operation'],
      delete: [5, 'Operation'],
      patch: [8, 'Operation'],
      parameters: [9, 'repeated ParametersItem'],
    },
    Operation: {
      tags: [1, 'repeated string'],
      description: [3, 'string'],
      operationId: [5, 'string'],
      produces: [6, 'repeated string'],
      consumes: [7, 'repeated string'],
      parameters: [8, 'repeated ParametersItem'],
      responses: [9, 'Responses'],
      vendorExtension: [13, 'repeated NamedAny'],
    },
    ParametersItem: { parameter: [1, 'Parameter'] },
    Parameter: { bodyParameter: [1, 'BodyParameter'], nonBodyParameter: [2, 'NonBodyParameter'] },
    BodyParameter: { description: [1, 'string'], name: [2, 'string'], in: [3, 'string'], required: [4, 'bool'], schema: [5, 'Schema'] },
    NonBodyParameter: { queryParameterSubSchema: [3, 'QueryParameter'], pathParameterSubSchema: [4, 'PathParameter'] },
    QueryParameter: { required: [1, 'bool'], in: [2, 'string'], description: [3, 'string'], name: [4, 'string'], type: [6, 'string'] },
    PathParameter: { required: [1, 'bool'], in: [2, 'string'], description: [3, 'string'], name: [4, 'string'], type: [5, 'string'] },
    Responses: { responseCode: [1, 'repeated NamedResponseValue'] },
    NamedResponseValue: { name: [1, 'string'], value: [2, 'ResponseValue'] },
    ResponseValue: { response: [1, 'Response'] },
    Response: { description: [1, 'string'], schema: [2, 'SchemaItem'] },
    SchemaItem: { schema: [1, 'Schema'] },
    Definitions: { additionalProperties: [1, 'repeated NamedSchema'] },
    Properties: { additionalProperties: [1, 'repeated NamedSchema'] },
    NamedSchema: { name: [1, 'string'], value: [2, 'Schema'] },
    Schema: {
      _ref: [1, 'string'],
      ...gnosticSchema,
      default: [5, 'Any'],
      required: [19, 'repeated string'],
      enum: [20, 'repeated Any'],
      additionalProperties: [21, 'AdditionalProperties'],
      type: [22, 'TypeItem'],
      items: [23, 'ItemsItem'],
      properties: [25, 'Properties'],
      vendorExtension: [31, 'repeated NamedAny'],
    },
    AdditionalProperties: { schema: [1, 'Schema'], boolean: [2, 'bool'] },
    TypeItem: { value: [1, 'repeated string'] },
    ItemsItem: { schema: [1, 'repeated Schema'] },
    Any: { yaml: [2, 'string'] },
    NamedAny: { name: [1, 'string'], value: [2, 'Any'] },
  },
}
