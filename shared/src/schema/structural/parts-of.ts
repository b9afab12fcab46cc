import type { JsonSchema } from './json-schema.ts'
import { keyPath } from './paths.ts'

export type SchemaPart = {
  readonly schema: JsonSchema
  readonly word: 'items' | 'properties' | 'additionalProperties' | 'anyOf' | 'allOf' | 'oneOf' | 'not'
  /** Of a member. */
  readonly name?: string
  /** Of an alternative. */
  readonly index?: number
}

/** The schemas that stand directly in a schema. */
export function partsOf(schema: JsonSchema): readonly SchemaPart[] {
  const { items, properties = {}, additionalProperties, not } = schema
  return [
    ...(items === undefined ? [] : [{ schema: items, word: 'items' as const }]),
    ...Object.entries(properties).map(([name, member]) => ({ schema: member, word: 'properties' as const, name })),
    ...(typeof additionalProperties === 'object' ? [{ schema: additionalProperties, word: 'additionalProperties' as const }] : []),
    ...(['anyOf', 'allOf', 'oneOf'] as const).flatMap((word) => (schema[word] ?? []).map((each, index) => ({ schema: each, word, index }))),
    ...(not === undefined ? [] : [{ schema: not, word: 'not' as const }]),
  ]
}

/** Whether it is about a member or an item of the value; else it is another thing said of the same value. */
export const isWithin = ({ word }: SchemaPart): boolean => word === 'items' || word === 'properties' || word === 'additionalProperties'

/** `schema.properties[spec]`, `schema.anyOf[0]`. Only ever put together: a look into it would copy it, at each of many levels. */
export function partPath(path: string, { word, name, index }: SchemaPart): string {
  if (name !== undefined) return keyPath(`${path}.${word}`, name)
  return index === undefined ? `${path}.${word}` : `${path}.${word}[${index}]`
}

/** What another schema of the same value says of that part of it. */
export function counterpart({ word, name }: SchemaPart, { items, properties, additionalProperties }: JsonSchema): JsonSchema | undefined {
  if (name !== undefined) return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
  if (word === 'items') return items
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}
