import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import { isSameJson } from '../../json/same-json.ts'
import { type Checked, valueErrors } from './check.ts'
import { withDefaults } from './defaults.ts'
import { type JsonSchema, isOpen, memberSchema } from './json-schema.ts'
import { partsOf } from './parts-of.ts'

/** Defaults that their own schema would refuse, or would prune. Those within a default count as if they stood in it. */
export function defaultErrors({ schema, patterns }: Checked, at: string): readonly FieldError[] {
  const own = schema.default ?? undefined
  const field = `${at}.default`
  const inner = partsOf(schema, at)
    .filter(({ isWithin }) => isWithin)
    .flatMap((part) => defaultErrors({ schema: part.schema, patterns }, part.path))
  if (own === undefined) return inner
  if (!isSameJson(own, known(schema, own))) return [...inner, fieldInvalid(field, own, 'must not have unknown fields')]
  return [...inner, ...valueErrors({ schema, patterns }, withDefaults(schema, own), field)]
}

/** What of a value its schema names. */
function known(schema: JsonSchema | undefined, value: unknown): unknown {
  if (schema === undefined || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => known(schema.items, item))
  const isAny = isOpen(schema) || schema.additionalProperties === true
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const inner = memberSchema(schema, name)
      return inner === undefined && !isAny ? [] : [[name, known(inner, member)] as const]
    }),
  )
}
