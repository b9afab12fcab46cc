import type { JsonSchema } from './json-schema.ts'

export type SchemaPart = {
  readonly schema: JsonSchema
  readonly path: string
  /** A member or an item of the value; else another thing said of the same value (`anyOf`). */
  readonly isWithin: boolean
  /** Of a member the name. */
  readonly name?: string
}

/** The schemas that stand directly in a schema, each with its path. */
export function partsOf(schema: JsonSchema, path: string): readonly SchemaPart[] {
  const { items, properties = {}, additionalProperties, not } = schema
  return [
    ...(items === undefined ? [] : [{ schema: items, path: `${path}.items`, isWithin: true }]),
    ...Object.entries(properties).map(([name, member]) => ({ schema: member, path: `${path}.properties[${name}]`, isWithin: true, name })),
    ...(typeof additionalProperties === 'object'
      ? [{ schema: additionalProperties, path: `${path}.additionalProperties`, isWithin: true }]
      : []),
    ...(['anyOf', 'allOf', 'oneOf'] as const).flatMap((word) =>
      (schema[word] ?? []).map((each, index) => ({ schema: each, path: `${path}.${word}[${index}]`, isWithin: false })),
    ),
    ...(not === undefined ? [] : [{ schema: not, path: `${path}.not`, isWithin: false }]),
  ]
}

/** What another schema of the same value says of that part of it. */
export function counterpart({ path, name }: SchemaPart, { items, properties, additionalProperties }: JsonSchema): JsonSchema | undefined {
  if (name !== undefined) return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
  if (path.endsWith('.items')) return items
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}
