import { type FieldError, wordedLater } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { WriteCall } from '../call.ts'
import { asGiven } from './as-given.ts'

/** Calls whose object has values that the schema does not allow. It is told of them with all else that is wrong, and never stored with them. */
const doubtful = new WeakSet<WriteCall>()

export const markDoubt = (call: WriteCall): unknown => doubtful.add(call)

/** Of a call that was made of another. */
export const carryDoubt = (from: WriteCall, to: WriteCall): void => {
  if (doubtful.has(from)) doubtful.add(to)
}

/** What the schema refuses in the object, but for what the rules of its kind have told already. */
export function doubtErrors(call: WriteCall, object: KubeObject, told: readonly FieldError[]): readonly FieldError[] {
  if (!doubtful.has(call)) return []
  const { kind } = call
  const fields = new Set(told.map(({ field }) => field))
  // Nobody looks into a part that may not be there at all.
  const refused = told
    .filter(({ field, reason }) => reason === 'FieldValueForbidden' && field.includes('.'))
    .map(({ field }) => `${field}.`)
  return (kind.shapeErrors?.(asGiven(kind, object)) ?? [])
    .map((error) => toldAt(error, toldPathOf(kind, error.field)))
    .filter(({ field }) => !fields.has(field) && !refused.some((part) => field.startsWith(part)))
}

const toldAt = (error: FieldError, field: string): FieldError =>
  field === error.field ? error : wordedLater(error.reason, field, () => error.message)

function toldPathOf({ toldPaths = {} }: Kind, field: string): string {
  for (const [path, told] of Object.entries(toldPaths)) if (field.startsWith(`${path}[`)) return told + field.slice(path.length)
  return field
}
