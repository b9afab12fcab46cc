import { fieldForbidden } from '../../api/api-error.ts'
import type { JsonSchema } from './json-schema.ts'
import { partPath, partsOf } from './parts-of.ts'
import { type ErrorList, note } from './place.ts'

/** What of structure may not stand in an alternative, and what must become of it. */
const forbidden = [
  ['type', 'empty'],
  ['additionalProperties', 'undefined'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['externalDocs', 'undefined'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
] as const satisfies readonly (readonly [keyof JsonSchema, string])[]

const isThere = (value: unknown): boolean => value !== undefined && value !== null && value !== false && value !== ''

/** Within an alternative stands what a value must be like, and nothing of its structure; rules only where all must hold. */
export function nestedRules(
  schema: JsonSchema,
  path: string,
  errors: ErrorList,
  { mayNameTypes = false, mayHaveRules = false }: { readonly mayNameTypes?: boolean; readonly mayHaveRules?: boolean } = {},
): void {
  for (const [word, wanted] of forbidden)
    if (isThere(schema[word])) note(errors, () => fieldForbidden(`${path}.${word}`, `must be ${wanted} to be structural`))
  if (schema.uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    note(errors, () => fieldForbidden(`${path}.uniqueItems`, why))
  }
  if (schema.properties?.['metadata'] !== undefined)
    note(errors, () => fieldForbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'))
  if (!mayHaveRules && isThere(schema['x-kubernetes-validations']))
    note(errors, () => fieldForbidden(`${path}.x-kubernetes-validations`, 'must be empty to be structural'))
  for (const part of partsOf(schema)) {
    if (mayNameTypes && part.word === 'anyOf') continue
    const isSure = mayHaveRules && part.word !== 'anyOf' && part.word !== 'oneOf' && part.word !== 'not'
    nestedRules(part.schema, partPath(path, part), errors, { mayHaveRules: isSure })
  }
}
