import { isEmbedded, isOpen, type JsonSchema } from '@bramble/shared/schema/structural/json-schema.ts'
import type { Dialect, OpenApiSchema } from './dialect.ts'

export type CustomDeps = {
  readonly dialect: Dialect
  /** `apiVersion`, `kind` and `metadata`, as every object has them. */
  readonly ofObjects: Readonly<Record<string, OpenApiSchema>>
}

/** A schema that came with a CustomResourceDefinition, as it is published. */
export function customSchema(schema: JsonSchema, deps: CustomDeps): OpenApiSchema {
  const { properties, items, additionalProperties, required, ...rest } = deps.dialect === 'v2' ? inV2(schema) : schema
  const of = (member: JsonSchema) => customSchema(member, deps)
  const needed = [...(required ?? [])]
  const isObject = isEmbedded(schema) && !(isOpen(schema) && deps.dialect === 'v2')
  if (isObject) needed.push(...['apiVersion', 'kind'].filter((name) => !needed.includes(name)))
  return {
    ...rest,
    ...(items !== undefined && { items: of(items) }),
    ...(additionalProperties !== undefined && {
      additionalProperties: typeof additionalProperties === 'object' ? of(additionalProperties) : additionalProperties,
    }),
    ...((properties !== undefined || isObject) && {
      properties: {
        ...Object.fromEntries(Object.entries(properties ?? {}).map(([name, member]) => [name, of(member)])),
        ...(isObject && deps.ofObjects),
      },
    }),
    ...(needed.length > 0 && { required: needed }),
  }
}

/**
 * v2 has no words for null and for choices, and kubectl before 1.27, which checks by it, takes any property that is not named for an unknown
 * one and a list without a type of its items for broken: where more may stand, v2 says nothing.
 */
function inV2({ allOf: _all, anyOf: _any, oneOf: _one, not: _not, nullable, ...schema }: JsonSchema): JsonSchema {
  const { type, items, properties, required, ...rest } = schema
  const isAny = nullable === true || isOpen(schema)
  const known = isAny ? undefined : properties
  const item = isAny ? undefined : items
  const isTyped = nullable !== true && !(type === 'array' && item === undefined) && !(type === 'object' && isOpen(schema))
  const mayBeNull = (name: string) => properties?.[name]?.nullable === true && known !== undefined
  return {
    ...rest,
    ...(isTyped && type !== undefined && { type }),
    ...(item !== undefined && { items: item }),
    ...(known !== undefined && { properties: known }),
    ...(required !== undefined && { required: required.filter((name) => !mayBeNull(name)) }),
  }
}
