import type * as z from 'zod'
import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported } from '../../api/api-error.ts'
import { valueAt, mostTelling } from '../schema-error.ts'
import { limits } from './limits.ts'
import { childPath, keyPath } from './paths.ts'

/** Keywords that no schema of an API has, and values that they cannot have. */
export const keywordErrors = (error: z.ZodError, schema: unknown, at: string): readonly FieldError[] =>
  error.issues.slice(0, limits.errors).flatMap((issue) => {
    const flat = mostTelling(issue)
    const field = pathOf(at, flat.path)
    if (flat.code === 'unrecognized_keys')
      return flat.keys
        .slice(0, limits.errors)
        .map((word) => fieldForbidden(childPath(field, word), `${word.slice(0, 100)} is not supported`))
    return [errorOf(flat, field, valueAt(schema, flat.path))]
  })

function errorOf(issue: z.core.$ZodIssue, field: string, found: unknown): FieldError {
  const word = issue.path.at(-1)
  if (word === 'type' && found === 'null') return fieldForbidden(field, 'type cannot be set to null, use nullable as an alternative')
  if (word === 'items' && Array.isArray(found)) return fieldForbidden(field, 'items must be a schema object and not an array')
  if (issue.code === 'invalid_value') return fieldNotSupported(field, found, issue.values.map(String).sort())
  return fieldInvalid(field, '', issue.message)
}

/** `schema.properties[spec].anyOf[0]`, as Kubernetes writes it. */
function pathOf(at: string, path: readonly PropertyKey[]): string {
  let text = at
  let isName = false
  for (const part of path) {
    text = isName || typeof part === 'number' ? keyPath(text, String(part)) : childPath(text, String(part))
    isName = !isName && part === 'properties'
  }
  return text
}
