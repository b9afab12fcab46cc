import type * as z from 'zod'
import { message, opt } from '../types/field.ts'
import { int64, text } from '../types/scalars.ts'

export const listMeta = message('meta/v1.ListMeta', {
  selfLink: opt(1, text),
  resourceVersion: opt(2, text),
  continue: opt(3, text),
  remainingItemCount: opt(4, int64, { ptr: true }),
})
export type ListMeta = z.infer<typeof listMeta>
