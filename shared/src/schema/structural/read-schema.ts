import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import type { Checked } from './checked.ts'
import { defaultErrors } from './default-errors.ts'
import { collectEnums } from './enums-of.ts'
import { jsonSchema } from './json-schema.ts'
import { keywordErrors } from './keyword-errors.ts'
import { limits } from './limits.ts'
import { collectPatterns } from './patterns-of.ts'
import { readRules } from './rules/read-rules.ts'
import { structuralErrors } from './structural.ts'

export type ReadSchema = { readonly ok: true; readonly checked: Checked } | { readonly ok: false; readonly errors: readonly FieldError[] }

/**
 * A schema from outside: of a size that can be worked with, understood whole, structural, with patterns that can be matched and defaults
 * that it allows itself. `at` is where it stands in the object that it came in, for the errors.
 */
export function readSchema(value: unknown, at = 'openAPIV3Schema'): ReadSchema {
  const size = sizeProblem(value)
  if (size !== undefined) return refused([fieldInvalid(at, '', size)])
  const parsed = jsonSchema.safeParse(value)
  if (!parsed.success) return refused(keywordErrors(parsed.error, value, at))
  const schema = parsed.data
  const { patterns, errors } = collectPatterns(schema, at)
  const structural = [...structuralErrors(schema, at), ...errors]
  if (structural.length > 0) return refused(structural)
  const { rules, errors: broken } = readRules(schema, at)
  const checked: Checked = { schema, patterns, enums: collectEnums(schema), rules }
  const odd = [...broken, ...defaultErrors(checked, at)]
  return odd.length > 0 ? refused(odd) : { ok: true, checked }
}

const refused = (errors: readonly FieldError[]): ReadSchema => ({ ok: false, errors: errors.slice(0, limits.errors) })

/** Before anything else walks along it. */
function sizeProblem(value: unknown): string | undefined {
  let parts = limits.schemaParts
  let characters = limits.schemaCharacters
  const look = (part: unknown, levels: number): string | undefined => {
    if (--parts < 0) return `must not have more than ${limits.schemaParts} parts`
    if (typeof part === 'string') characters -= part.length
    if (typeof part === 'object' && part !== null) {
      if (levels === 0) return `must not be nested deeper than ${limits.schemaDepth} levels`
      for (const [name, member] of Object.entries(part)) {
        characters -= name.length
        const problem = look(member, levels - 1)
        if (problem !== undefined) return problem
      }
    }
    return characters < 0 ? `must not have more than ${limits.schemaCharacters} characters: leave out descriptions` : undefined
  }
  return look(value, limits.schemaDepth)
}
