import { objectMeta, templateMeta } from '../../meta/object-meta.ts'
import { type Field, type ObjectNode, type ScalarNode, type TypeNode, typeNodeOf } from '../type-node.ts'
import { isEmbedded, isIntOrString, isOpen, type JsonSchema } from './json-schema.ts'

export type NamedType = { readonly typeName: string; readonly group: string; readonly description?: string }

/** The node of a whole object of the API; what every object has need not stand in its schema. */
export const rootNode = (schema: JsonSchema, type: NamedType): ObjectNode => ({
  ...objectNode(schema, type, typeNodeOf(objectMeta)),
  jsonSchema: schema,
})

function nodeOf(schema: JsonSchema): TypeNode {
  if (isIntOrString(schema)) return scalar({ type: 'string', format: 'int-or-string' })
  switch (schema.type) {
    case 'object':
      if (isEmbedded(schema)) return objectNode(schema, nameless, typeNodeOf(templateMeta))
      if (schema.additionalProperties !== undefined && Object.keys(schema.properties ?? {}).length === 0) return mapNode(schema)
      return objectNode(schema, nameless, undefined)
    case 'array':
      return {
        ...{ tag: 'list', item: schema.items === undefined ? anyNode : nodeOf(schema.items), listType: schema['x-kubernetes-list-type'] },
        ...{ listKeys: schema['x-kubernetes-list-map-keys'] ?? [], patchStrategy: [], patchMergeKey: undefined, plain: true },
      }
    case 'string':
      return scalar({ type: 'string', enum: schema.enum?.filter((value) => typeof value === 'string') })
    case 'integer':
      return scalar({ type: 'integer', format: schema.format === 'int32' ? 'int32' : 'int64' })
    case 'number':
      return scalar({ type: 'number', format: 'double' })
    case 'boolean':
      return scalar({ type: 'boolean' })
    case undefined:
      return schema.properties === undefined ? anyNode : objectNode(schema, nameless, undefined)
    default:
      return schema.type satisfies never
  }
}

const nameless: NamedType = { typeName: '', group: '' }
const anyNode: TypeNode = Object.freeze({ tag: 'any' })

function mapNode({ additionalProperties, ...schema }: JsonSchema): TypeNode {
  const value = typeof additionalProperties === 'object' ? nodeOf(additionalProperties) : anyNode
  return { tag: 'map', value, atomic: schema['x-kubernetes-map-type'] === 'atomic', plain: true }
}

function objectNode(schema: JsonSchema, type: NamedType, metadata: TypeNode | undefined): ObjectNode {
  const required = new Set(schema.required)
  const named = Object.entries(schema.properties ?? {}).map(([name, member]) => fieldOf(name, member, required.has(name)))
  const own = metadata === undefined ? [] : objectFields(metadata)
  return {
    tag: 'object',
    ...{ typeName: type.typeName, group: type.group, description: type.description ?? schema.description },
    // What every object has is the API's own, whatever a schema says of it.
    fields: new Map([...named, ...own].map((field) => [field.name, field])),
    ...{
      inline: [],
      atomic: schema['x-kubernetes-map-type'] === 'atomic',
      open: isOpen(schema) || schema.additionalProperties === true,
      plain: true,
    },
  }
}

const objectFields = (metadata: TypeNode): readonly Field[] => [
  plainField('apiVersion', scalar({ type: 'string' })),
  plainField('kind', scalar({ type: 'string' })),
  plainField('metadata', metadata),
]

const fieldOf = (name: string, schema: JsonSchema, required: boolean): Field => ({
  ...plainField(name, nodeOf(schema)),
  required,
  default: schema.default ?? undefined,
  description: schema.description,
})

const plainField = (name: string, type: TypeNode): Field => ({
  ...{ name, type, number: undefined, required: false, pointer: true, byValue: false, default: undefined, description: undefined },
  patchStrategy: [],
})

const scalar = (node: Partial<ScalarNode> & Pick<ScalarNode, 'type'>): ScalarNode => ({
  ...{ tag: 'scalar', format: undefined, enum: undefined },
  ...node,
})
