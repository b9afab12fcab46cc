import { type FieldError, fieldForbidden, fieldInvalid } from '../../api/api-error.ts'
import { hasMoreParts, maxObjectParts } from '../../api/object-size.ts'
import { mostTelling, pathText } from '../schema-error.ts'
import type { Checked } from './check.ts'
import { defaultErrors } from './default-errors.ts'
import { jsonSchema } from './json-schema.ts'
import { collectPatterns } from './patterns-of.ts'
import { structuralErrors } from './structural.ts'

export type ReadSchema = { readonly ok: true; readonly checked: Checked } | { readonly ok: false; readonly errors: readonly FieldError[] }

/** Deeper than the deepest of the definitions that people use, which embed whole pods; each level of a schema is two of JSON. */
const deepest = 160

/**
 * A schema from outside: understood whole, structural, with patterns that can be matched and defaults that it allows itself. `at` is
 * where it stands in the object that it came in, for the errors.
 */
export function readSchema(value: unknown, at = 'openAPIV3Schema'): ReadSchema {
  if (hasMoreParts(value, maxObjectParts)) return refused(fieldInvalid(at, '', `must not have more than ${maxObjectParts} parts`))
  if (isDeeper(value, deepest)) return refused(fieldInvalid(at, '', `must not be nested deeper than ${deepest} levels`))
  const parsed = jsonSchema.safeParse(value)
  if (!parsed.success) {
    return refused(
      ...parsed.error.issues.map(mostTelling).flatMap((issue) => {
        const field = [at, pathText(issue.path)].filter((part) => part !== '').join('.')
        if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => fieldForbidden(`${field}.${key}`, 'is not supported'))
        return [fieldInvalid(field, '', issue.message)]
      }),
    )
  }
  const schema = parsed.data
  const { patterns, errors } = collectPatterns(schema, at)
  const structural = [...structuralErrors(schema, at), ...errors]
  if (structural.length > 0) return refused(...structural)
  const checked = { schema, patterns }
  const odd = defaultErrors(checked, at)
  return odd.length > 0 ? refused(...odd) : { ok: true, checked }
}

const refused = (...errors: readonly FieldError[]): ReadSchema => ({ ok: false, errors })

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1))
}
