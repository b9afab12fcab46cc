import * as z from 'zod'

/**
 * What Kubernetes knows about a field beyond its JSON type, kept as zod metadata on the field's outermost schema.
 * `type-node.ts` reads it for protobuf, strategic merge, server-side apply and OpenAPI.
 */
export type FieldMeta = {
  /** The protobuf field number. */
  readonly n?: number
  /** How lists are merged by server-side apply (`x-kubernetes-list-type`). */
  readonly list?: 'atomic' | 'set' | 'map'
  /** The keys of a `map` list. */
  readonly keys?: readonly string[]
  /** The strategic-merge-patch strategy: `merge`, `replace`, `retainKeys`, comma-joined. */
  readonly patch?: string
  /** The strategic-merge-patch key of a list. */
  readonly key?: string
  /** The whole map is one value for server-side apply (`x-kubernetes-map-type: atomic`). */
  readonly map?: 'atomic'
  /** A pointer to a scalar in Kubernetes' Go types: a given 0, false or '' is kept apart from an absent value (protobuf bodies). */
  readonly ptr?: true
  /** A struct that Go holds by value, so that an empty one is the same as none. */
  readonly byValue?: true
  readonly description?: string
}

/** A Go struct that is embedded without a name: its fields are spread in JSON, but are one nested message in protobuf. */
export type Inlined = {
  readonly n: number
  readonly type: string
  readonly fields: readonly string[]
  /** Those among them that are a message within that message. */
  readonly inline: readonly Inlined[]
}

export type MessageMeta = {
  /** The Go type name, from which the OpenAPI name is made. */
  readonly type: string
  /** `v1`, `apps/v1`, `meta/v1` … */
  readonly group: string
  readonly inline?: readonly Inlined[]
  /** The whole object is one value for server-side apply (`x-kubernetes-map-type: atomic`). */
  readonly map?: 'atomic'
  readonly description?: string
}

/** How a value travels that JSON alone cannot tell; metadata on scalar schemas. */
export type Scalar = 'int32' | 'int64' | 'double' | 'quantity' | 'int-or-string' | 'time' | 'micro-time' | 'bytes' | 'any'

export type FieldOptions = Omit<FieldMeta, 'n'>

/** A field that is always there (given, or by its default). */
export function f<T extends z.ZodType>(n: number, schema: T, options: FieldOptions = {}): T {
  return schema.meta({ n, ...options })
}

/** A time that Go holds by value is null in what is stored when nobody told it (`always-written.ts`); as a body none is read. */
export function opt(
  n: number,
  schema: z.ZodType<string>,
  options: FieldOptions & { readonly byValue: true },
): z.ZodOptional<z.ZodType<string | null>>
/** A field that may be left out. The wrapper is new, so it takes the metadata without another copy of the schema. */
export function opt<T extends z.ZodType>(n: number, schema: T, options?: FieldOptions): z.ZodOptional<T>
export function opt(n: number, schema: z.ZodType, options: FieldOptions = {}): z.ZodOptional {
  const optional = z.optional(schema)
  z.globalRegistry.add(optional, { n, ...options })
  return optional
}

/** One Go struct. `name` is `apps/v1.Deployment`, or `Container` for the core group. */
export function message<S extends z.ZodRawShape>(
  name: string,
  shape: S,
  options: Omit<MessageMeta, 'type' | 'group'> = {},
): z.ZodObject<S, z.core.$strip> {
  const dot = name.lastIndexOf('.')
  const schema = z.object(shape)
  z.globalRegistry.add(schema, { type: name.slice(dot + 1), group: dot < 0 ? 'v1' : name.slice(0, dot), ...options })
  return schema as z.ZodObject<S, z.core.$strip> // zod resolves the shape lazily and so cannot say that it is S
}

/** The protobuf side of spreading `schema.shape` into another message. */
export function inlined(n: number, schema: z.ZodObject): Inlined {
  const { type, inline = [] } = schema.meta() as MessageMeta // set by `message`, the only maker of these schemas
  return { n, type, fields: Object.keys(schema.shape), inline }
}

/** A closed set of strings. */
export const oneOf = <const V extends readonly [string, ...string[]]>(...values: V) => z.enum(values)
