import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import type { JsonSchema } from './json-schema.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import { partsOf } from './parts-of.ts'

/** More would take seconds to compile. */
const mostPatterns = 1000
const mostInstructions = 100_000

/** Every pattern of a schema, compiled once, and what is wrong with those that cannot be. */
export function collectPatterns(
  schema: JsonSchema,
  at: string,
): { readonly patterns: ReadonlyMap<string, Pattern>; readonly errors: readonly FieldError[] } {
  const patterns = new Map<string, Pattern>()
  const errors: FieldError[] = []
  let instructions = 0
  const collect = (part: JsonSchema, path: string): void => {
    if (part.pattern !== undefined && !patterns.has(part.pattern)) {
      const compiled = patterns.size < mostPatterns && instructions < mostInstructions ? compilePattern(part.pattern) : tooMany
      if (compiled.ok) {
        patterns.set(part.pattern, compiled.pattern)
        instructions += compiled.pattern.size
      } else errors.push(fieldInvalid(`${path}.pattern`, part.pattern, `must be a valid regular expression, but isn't: ${compiled.why}`))
    }
    for (const { schema: inner, path: below } of partsOf(part, path)) collect(inner, below)
  }
  collect(schema, at)
  return { patterns, errors }
}

const tooMany = { ok: false, why: 'the patterns of this schema are too many or too large' } as const
