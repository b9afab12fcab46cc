import { type FieldError, fieldInvalid } from '@bramble/shared/api/api-error.ts'
import { fieldTooLong } from '@bramble/shared/kinds/rules/field-errors.ts'

/** In bytes. */
const longest = 128

/** What is wrong with the name that a writer gives itself. */
export function fieldManagerErrors(manager: string, field = 'fieldManager'): readonly FieldError[] {
  const errors: FieldError[] = []
  if (Buffer.byteLength(manager) > longest) errors.push(fieldTooLong(field, longest))
  let at = 0
  for (const character of manager) {
    if (!isPrintable(character)) errors.push(fieldInvalid(field, manager, `invalid character ${codePoint(character)} (at position ${at})`))
    at += Buffer.byteLength(character)
  }
  return errors
}

/** The name of a writer that gives itself none: what its User-Agent begins with, as much of it as a name may have. */
export function managerOfAgent(userAgent: string): string {
  let manager = ''
  let bytes = 0
  for (const character of userAgent.split('/', 1)[0] ?? '') {
    if (!isPrintable(character)) continue
    bytes += Buffer.byteLength(character)
    if (bytes > longest) break
    manager += character
  }
  return manager
}

/** As Go's `unicode.IsPrint`: of all spaces only the plain one. */
const isPrintable = (character: string): boolean => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)

const codePoint = (character: string): string => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
