import { isOpen, type JsonSchema } from '@bramble/shared/schema/structural/json-schema.ts'
import type { Field, ListNode, ObjectNode, PatchStrategy, ScalarNode, TypeNode } from '@bramble/shared/schema/type-node.ts'
import { customSchema } from './custom-schemas.ts'
import type { Dialect, OpenApiSchema } from './dialect.ts'

export type GroupVersionKind = { readonly group: string; readonly version: string; readonly kind: string }

export type NamedSchema = readonly [name: string, schema: OpenApiSchema]

/** The schemas of one document: collects every type that is asked for, and what those are made of. */
export type SchemaBook = {
  /** A `$ref` to the type, which gets its place in the book. */
  refTo(node: ObjectNode): OpenApiSchema
  /** Gives a type of the book the kinds it is served as, and its description. */
  label(node: ObjectNode, kinds: readonly GroupVersionKind[], description?: string): void
  /** Puts in a schema that no type stands for, such as a list of a kind. */
  add(name: string, schema: OpenApiSchema): OpenApiSchema
  /** All schemas by name, in the order of their names; once all that is to be in it has been asked for. */
  all(): Iterable<NamedSchema>
}

export function createSchemaBook(dialect: Dialect): SchemaBook {
  // Made when it is written: a custom kind's may be large, and there may be many.
  const schemas = new Map<string, () => OpenApiSchema>()
  const prefix = dialect === 'v2' ? '#/definitions/' : '#/components/schemas/'
  const ref = (name: string): OpenApiSchema => ({ $ref: `${prefix}${name}` })

  const add = (name: string, schema: OpenApiSchema): OpenApiSchema => {
    if (!schemas.has(name)) schemas.set(name, always(schema))
    return ref(name)
  }

  const refTo = (node: ObjectNode): OpenApiSchema => {
    if (node.typeName === '') return objectSchema(node)
    const name = schemaName(node)
    if (!schemas.has(name)) {
      schemas.set(name, always({})) // the place is taken before its members are walked: a type may contain itself
      schemas.set(name, node.jsonSchema === undefined ? always(objectSchema(node)) : customObject(node, node.jsonSchema))
    }
    return ref(name)
  }

  /** With any property named, kubectl before 1.27 would refuse all others. */
  const saysNothing = (schema: JsonSchema | undefined): boolean => dialect === 'v2' && schema !== undefined && isOpen(schema)

  const customObject = ({ fields }: ObjectNode, schema: JsonSchema): (() => OpenApiSchema) => {
    if (saysNothing(schema)) return () => ({ type: 'object' })
    const ofObjects = Object.fromEntries(
      ['apiVersion', 'kind', 'metadata'].flatMap((name) => {
        const field = fields.get(name)
        return field === undefined ? [] : [[name, fieldSchema(field)]]
      }),
    )
    return () => {
      const whole = customSchema(schema, { dialect, ofObjects })
      return { ...whole, properties: { ...(whole['properties'] as object), ...ofObjects } }
    }
  }

  const objectSchema = (node: ObjectNode): OpenApiSchema => {
    const fields = [...node.fields.values()]
    const required = fields.filter((field) => field.required && !isTypeMeta(field) && !isMetadata(field)).map(({ name }) => name)
    return {
      ...(node.description !== undefined && { description: node.description }),
      type: 'object',
      ...(fields.length > 0 && { properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])) }),
      ...(required.length > 0 && { required }),
      ...(node.atomic && { 'x-kubernetes-map-type': 'atomic' }),
      ...(node.open && { 'x-kubernetes-preserve-unknown-fields': true }),
    }
  }

  const fieldSchema = (field: Field): OpenApiSchema => {
    if (isTypeMeta(field)) return { description: typeMetaDescriptions[field.name], type: 'string' }
    const schema = schemaOf(field.type)
    const { type, patchStrategy } = field
    // `kubectl explain` shows what stands at the field, never what its type says of itself.
    const description = field.description ?? (type.tag === 'object' && type.typeName !== '' ? type.description : undefined)
    const extra = {
      ...(description !== undefined && { description }),
      ...(field.default !== undefined && { default: field.default }),
      ...(type.tag !== 'list' && patchExtensions(patchStrategy, undefined)),
    }
    if (!('$ref' in schema)) return { ...schema, ...extra }
    if (Object.keys(extra).length === 0) return schema
    return dialect === 'v2' ? { ...schema, ...extra } : { ...extra, allOf: [schema] }
  }

  const schemaOf = (node: TypeNode): OpenApiSchema => {
    switch (node.tag) {
      case 'object':
        return refTo(node)
      case 'map':
        return { type: 'object', additionalProperties: schemaOf(node.value), ...(node.atomic && { 'x-kubernetes-map-type': 'atomic' }) }
      case 'list':
        return { type: 'array', items: schemaOf(node.item), ...listExtensions(node) }
      case 'scalar': {
        const named = node.format === undefined ? undefined : namedScalars[node.format]
        return named === undefined ? scalarSchema(node) : add(named.name, named[dialect])
      }
      case 'any':
        return { 'x-kubernetes-preserve-unknown-fields': true }
      default:
        return node satisfies never
    }
  }

  return {
    refTo,
    add,
    label(node, kinds, description) {
      refTo(node)
      const name = schemaName(node)
      const own = schemas.get(name)
      schemas.set(name, () => ({
        ...own?.(),
        ...(description !== undefined && description !== '' && !saysNothing(node.jsonSchema) && { description }),
        'x-kubernetes-group-version-kind': kinds,
      }))
    },
    *all() {
      for (const name of [...schemas.keys()].sort()) yield [name, schemas.get(name)?.() ?? {}]
    },
  }
}

const always = (schema: OpenApiSchema) => () => schema

/**
 * `io.k8s.api.apps.v1.Deployment`; Kubernetes' own names, so that tools which know them find them. A custom kind has all of its group in its name, as
 * one of `apps.example.k8s.io` would else stand in the place of another.
 */
export const schemaName = ({ group, typeName, plain }: Pick<ObjectNode, 'group' | 'typeName' | 'plain'>): string =>
  `${packageOf(group, plain)}.${typeName}`

function packageOf(groupVersion: string, isCustom: boolean): string {
  if (groupVersion === 'meta/v1') return 'io.k8s.apimachinery.pkg.apis.meta.v1'
  const [group = '', version] = groupVersion.split('/')
  if (version === undefined) return `io.k8s.api.core.${group}`
  if ((group.endsWith('.k8s.io') && !isCustom) || !group.includes('.')) return `io.k8s.api.${group.split('.')[0] ?? ''}.${version}`
  return `${group.split('.').toReversed().join('.')}.${version}`
}

const typeMetaDescriptions: Readonly<Record<string, string>> = {
  apiVersion: 'APIVersion defines the group and version of the type that this object is written in, such as apps/v1.',
  kind: 'Kind is the name of the type, such as Pod.',
}

/** kubectl sends both, but clients may leave them to the path. */
const isTypeMeta = ({ name, number }: Field): boolean => number === undefined && (name === 'apiVersion' || name === 'kind')

/** The apiserver says what of it is missing, and better than a schema can. */
const isMetadata = ({ name, type }: Field): boolean => name === 'metadata' && type.tag === 'object' && type.typeName === 'ObjectMeta'

const listExtensions = ({ listType, listKeys, patchStrategy, patchMergeKey }: ListNode): OpenApiSchema => ({
  ...(listType !== undefined && { 'x-kubernetes-list-type': listType }),
  ...(listKeys.length > 0 && { 'x-kubernetes-list-map-keys': listKeys }),
  ...patchExtensions(patchStrategy, patchMergeKey),
})

const patchExtensions = (strategy: readonly PatchStrategy[], key: string | undefined): OpenApiSchema => ({
  ...(key !== undefined && { 'x-kubernetes-patch-merge-key': key }),
  ...(strategy.length > 0 && { 'x-kubernetes-patch-strategy': strategy.join(',') }),
})

const scalarSchema = ({ type, format, enum: values }: ScalarNode): OpenApiSchema => ({
  type,
  ...(format !== undefined && { format: format === 'bytes' ? 'byte' : format }),
  ...(values !== undefined && { enum: values }),
})

/** Scalars that Kubernetes gives a name. */
const namedScalars: Readonly<Partial<Record<NonNullable<ScalarNode['format']>, { name: string; v2: OpenApiSchema; v3: OpenApiSchema }>>> = {
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    v2: { description: 'A number with a unit: 500m, 1.5, 64Mi, 2G.', type: 'string' },
    v3: { description: 'A number with a unit: 500m, 1.5, 64Mi, 2G.', oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
  'int-or-string': {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    v2: { description: 'A number, or text such as 25% or the name of a port.', type: 'string', format: 'int-or-string' },
    v3: {
      description: 'A number, or text such as 25% or the name of a port.',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
      format: 'int-or-string',
    },
  },
  time: timeSchema('Time', 'An instant in RFC 3339, such as 2006-01-02T15:04:05Z.'),
  'micro-time': timeSchema('MicroTime', 'An instant in RFC 3339 with microseconds, such as 2006-01-02T15:04:05.000000Z.'),
}

function timeSchema(name: string, description: string) {
  const schema = { description, type: 'string', format: 'date-time' }
  return { name: `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`, v2: schema, v3: schema }
}
