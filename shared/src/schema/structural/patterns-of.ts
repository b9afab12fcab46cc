import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import type { JsonSchema } from './json-schema.ts'
import { limits } from './limits.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import { partPath, partsOf } from './parts-of.ts'

/** Every pattern of a schema, compiled once, and what is wrong with those that cannot be. */
export function collectPatterns(
  schema: JsonSchema,
  at: string,
): { readonly patterns: ReadonlyMap<string, Pattern>; readonly errors: readonly FieldError[] } {
  const places = new Map<string, string>()
  const collect = (part: JsonSchema, path: string): void => {
    if (part.pattern !== undefined && !places.has(part.pattern)) places.set(part.pattern, `${path}.pattern`)
    for (const inner of partsOf(part)) collect(inner.schema, partPath(path, inner))
  }
  collect(schema, at)
  const bytes = Math.min(limits.onePatternBytes, Math.floor(limits.patternBytes / places.size))
  const patterns = new Map<string, Pattern>()
  const errors: FieldError[] = []
  let sizes = 0
  for (const [source, path] of places) {
    if (errors.length >= limits.errors) break
    const compiled = patterns.size < limits.patterns && sizes < limits.patternSizes ? compilePattern(source, bytes) : tooMany
    // A bad one took its time as well.
    sizes += compiled.ok ? compiled.pattern.size : compiled.size
    if (compiled.ok) patterns.set(source, compiled.pattern)
    else errors.push(fieldInvalid(path, source, `must be a valid regular expression, but isn't: ${compiled.why}`))
  }
  return { patterns, errors }
}

const tooMany = {
  ok: false,
  why: 'the patterns of this schema are too many or too large: use the same one in more places, or simpler ones',
  size: 0,
} as const
