import type * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { deleteOptions } from './delete-options.ts'
import { f, message, opt } from './field.ts'
import { text } from './scalars.ts'

export const eviction = message('policy/v1.Eviction', {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta),
  deleteOptions: opt(2, deleteOptions),
})
export type Eviction = z.infer<typeof eviction>
