import type { FieldError } from '../../api/api-error.ts'
import { limits } from './limits.ts'
import type { Checked } from './checked.ts'
import { pay, type Work } from './work.ts'

/** Where in a value a check stands, what it may still take, and where it tells what it finds. */
export type Place = {
  readonly path: string
  readonly checked: Checked
  readonly work: Work
  readonly errors: ErrorList
}

/** Errors as they are found, up to as many as anybody reads. */
export type ErrorList = { readonly found: FieldError[]; readonly most: number }

export const newErrors = (most: number = limits.errors): ErrorList => ({ found: [], most })
export const isFull = ({ found, most }: ErrorList): boolean => found.length >= most

/** An error is made only if there is room for it: its text may quote what it is about. */
export function note(errors: ErrorList, make: () => FieldError): void {
  if (!isFull(errors)) errors.found.push(make())
}

/** As `note`, paid for. */
export function tell({ errors, work, path }: Place, make: () => FieldError): void {
  if (isFull(errors)) return
  pay(work, 10 + path.length / 16)
  note(errors, make)
}
