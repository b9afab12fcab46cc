import type * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { objectReference } from './references.ts'
import { f, message } from './field.ts'
import { text } from './scalars.ts'

export const binding = message('Binding', {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta),
  target: f(2, objectReference),
})
export type Binding = z.infer<typeof binding>
