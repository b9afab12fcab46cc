/* oxlint-disable eslint/no-underscore-dangle -- `_zod` is how zod lets its schemas be read */
import * as z from 'zod'
import type { FieldMeta, Inlined, MessageMeta, Scalar } from '../types/field.ts'
import type { JsonSchema } from './structural/json-schema.ts'

/**
 * The shape of an API type, read once from its zod schema and its metadata: what protobuf, patches, pruning and OpenAPI walk along.
 * A type that contains itself is walked lazily, so a node may be a cycle.
 */
export type TypeNode = ObjectNode | MapNode | ListNode | ScalarNode | AnyNode

export type ObjectNode = {
  readonly tag: 'object'
  /** The Go type name, '' for a nameless object. */
  readonly typeName: string
  /** `v1`, `apps/v1`, `meta/v1`; '' for a nameless object. */
  readonly group: string
  readonly description: string | undefined
  readonly fields: ReadonlyMap<string, Field>
  /** Spread in JSON, but one nested message in protobuf. */
  readonly inline: readonly Inlined[]
  /** One value for server-side apply. */
  readonly atomic: boolean
  /** Fields that the schema does not name are kept. */
  readonly open: boolean
  /**
   * Plain JSON, with no type of Go's behind it: a null, a zero, an empty list are values and told from nothing, and there is neither a
   * protobuf form of it nor a strategic merge.
   */
  readonly plain: boolean
  /** The JSON schema that a whole object of a custom kind was made from, which says more than this. */
  readonly jsonSchema?: JsonSchema
}

export type Field = {
  readonly name: string
  readonly type: TypeNode
  /** The protobuf field number; `apiVersion` and `kind` have none. */
  readonly number: number | undefined
  /** Must be given: neither optional nor defaulted. */
  readonly required: boolean
  /** A pointer in Kubernetes' Go types: a given zero is told from an absent value. */
  readonly pointer: boolean
  /** A struct that Go holds by value: an empty one is none. */
  readonly byValue: boolean
  readonly default: unknown
  readonly description: string | undefined
  readonly patchStrategy: readonly PatchStrategy[]
}

export type PatchStrategy = 'merge' | 'replace' | 'retainKeys'

export type MapNode = { readonly tag: 'map'; readonly value: TypeNode; readonly atomic: boolean; readonly plain: boolean }

export type ListNode = {
  readonly tag: 'list'
  readonly item: TypeNode
  readonly listType: 'atomic' | 'set' | 'map' | undefined
  readonly listKeys: readonly string[]
  readonly patchStrategy: readonly PatchStrategy[]
  readonly patchMergeKey: string | undefined
  readonly plain: boolean
}

export type ScalarNode = {
  readonly tag: 'scalar'
  readonly type: 'string' | 'integer' | 'number' | 'boolean'
  readonly format: Exclude<Scalar, 'any'> | undefined
  readonly enum: readonly string[] | undefined
}

/** Any JSON value, not looked into. */
export type AnyNode = { readonly tag: 'any' }

/** The node of a schema. The same schema always gives the same node. */
export const typeNodeOf = (schema: z.core.$ZodType): TypeNode => nodeOf(schema, {})

// A memo, not state: schemas live as long as the program and their nodes never change.
const objectNodes = new WeakMap<object, ObjectNode>()

const anyNode: AnyNode = Object.freeze({ tag: 'any' })

function nodeOf(schema: z.core.$ZodType, field: FieldMeta): TypeNode {
  const meta = metaOf(schema)
  if (meta.scalar !== undefined) return scalarNode(meta.scalar)
  if (meta.as !== undefined) return nodeOf(meta.as, field)
  if (meta.values !== undefined)
    return { tag: 'map', value: nodeOf(meta.values, {}), atomic: (field.map ?? meta.map) === 'atomic', plain: false }
  const def = (schema as z.core.$ZodTypes)._zod.def
  switch (def.type) {
    case 'object':
      return objectNode(schema as z.core.$ZodObject, meta)
    case 'record':
      return { tag: 'map', value: nodeOf(def.valueType, {}), atomic: (field.map ?? meta.map) === 'atomic', plain: false }
    case 'array':
      return listNode(def.element, { ...meta, ...field })
    case 'string':
      return { tag: 'scalar', type: 'string', format: undefined, enum: undefined }
    case 'boolean':
      return { tag: 'scalar', type: 'boolean', format: undefined, enum: undefined }
    case 'number':
      return numberNode((def as { format?: string }).format)
    case 'enum':
      return { tag: 'scalar', type: 'string', format: undefined, enum: Object.values(def.entries).map(String) }
    case 'literal':
      return { tag: 'scalar', type: 'string', format: undefined, enum: def.values.map(String) }
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'catch':
    case 'readonly':
      return nodeOf(def.innerType, { ...meta, ...field })
    case 'lazy':
      return nodeOf(def.getter(), { ...meta, ...field })
    case 'pipe': {
      const isPreprocess = (def.in as z.core.$ZodTypes)._zod.def.type === 'transform'
      return nodeOf(isPreprocess ? def.out : def.in, { ...meta, ...field })
    }
    default:
      return anyNode
  }
}

type AnyMeta = FieldMeta &
  Partial<Omit<MessageMeta, 'map'>> & {
    readonly scalar?: Scalar
    readonly map?: 'atomic'
    readonly values?: z.core.$ZodType
    /** What a schema that takes more than one form is seen as. */
    readonly as?: z.core.$ZodType
  }

const metaOf = (schema: z.core.$ZodType): AnyMeta => (z.globalRegistry.get(schema) ?? {}) as AnyMeta // written by types/field.ts alone

function objectNode(schema: z.core.$ZodObject, meta: AnyMeta): ObjectNode {
  const { def } = schema._zod
  const typeName = meta.type ?? ''
  const group = meta.group ?? ''
  // `.meta()` copies the schema but shares its definition, so one type stays one node wherever it is used.
  const known = objectNodes.get(def)
  if (known !== undefined && known.typeName === typeName && known.group === group) return known
  let fields: ReadonlyMap<string, Field> | undefined
  const node: ObjectNode = {
    tag: 'object',
    typeName,
    group,
    description: typeDescription(schema),
    inline: meta.inline ?? [],
    atomic: meta.map === 'atomic',
    open: def.catchall !== undefined && def.catchall._zod.def.type !== 'never',
    plain: false,
    get fields() {
      fields ??= new Map(Object.entries(def.shape).map(([name, type]) => [name, fieldOf(name, type)]))
      return fields
    },
  }
  objectNodes.set(def, node)
  return node
}

function fieldOf(name: string, schema: z.core.$ZodType): Field {
  const meta = fieldMeta(schema)
  return {
    name,
    type: nodeOf(schema, {}),
    number: meta.n,
    required: schema._zod.optin === undefined,
    pointer: meta.ptr === true,
    byValue: meta.byValue === true,
    default: defaultOf(schema),
    description: meta.description,
    patchStrategy: strategies(meta.patch),
  }
}

/** What wrappers say counts before what they wrap; a type's own description is no field's. */
function fieldMeta(schema: z.core.$ZodType): FieldMeta {
  let merged: FieldMeta = {}
  for (let at: z.core.$ZodType | undefined = schema; at !== undefined; at = innerOf(at)) {
    const { type, description, ...meta } = metaOf(at)
    const own = type === undefined || description !== typeDescription(at) ? { description } : {}
    merged = { ...meta, ...own, ...merged }
    if (merged.n !== undefined) break
  }
  return merged
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod
  return 'innerType' in def ? def.innerType : undefined
}

/** The description given where the type was made, not where it is used. */
function typeDescription(schema: z.core.$ZodType): string | undefined {
  let at = schema
  const { type } = metaOf(schema)
  for (let { parent } = at._zod; parent !== undefined && metaOf(parent).type === type; { parent } = at._zod) at = parent
  return metaOf(at).description
}

function defaultOf(schema: z.core.$ZodType): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'default' || def.type === 'prefault') return def.defaultValue
  const inner = innerOf(schema)
  return inner === undefined ? undefined : defaultOf(inner)
}

const listNode = (element: z.core.$ZodType, { list, keys = [], patch, key }: FieldMeta): ListNode => ({
  tag: 'list',
  item: nodeOf(element, {}),
  listType: list,
  listKeys: keys,
  patchStrategy: strategies(patch),
  patchMergeKey: key,
  plain: false,
})

const strategies = (patch: string | undefined): readonly PatchStrategy[] =>
  patch === undefined ? [] : (patch.split(',') as PatchStrategy[]) // the words of types/field.ts

function scalarNode(scalar: Scalar): ScalarNode | AnyNode {
  switch (scalar) {
    case 'any':
      return anyNode
    case 'int32':
    case 'int64':
      return { tag: 'scalar', type: 'integer', format: scalar, enum: undefined }
    case 'double':
      return { tag: 'scalar', type: 'number', format: scalar, enum: undefined }
    case 'quantity':
    case 'int-or-string':
    case 'time':
    case 'micro-time':
    case 'bytes':
      return { tag: 'scalar', type: 'string', format: scalar, enum: undefined }
    default:
      return scalar satisfies never
  }
}

function numberNode(format: string | undefined): ScalarNode {
  if (format === undefined) return { tag: 'scalar', type: 'number', format: 'double', enum: undefined }
  return { tag: 'scalar', type: 'integer', format: format === 'safeint' ? 'int64' : 'int32', enum: undefined }
}
