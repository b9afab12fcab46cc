import type * as z from 'zod'
import { f, message, opt } from './field.ts'
import { text } from './scalars.ts'

export const localObjectReference = message(
  'LocalObjectReference',
  {
    name: f(1, text.default('')),
  },
  { map: 'atomic' },
)
export type LocalObjectReference = z.infer<typeof localObjectReference>

export const objectReference = message(
  'ObjectReference',
  {
    kind: opt(1, text),
    namespace: opt(2, text),
    name: opt(3, text),
    uid: opt(4, text),
    apiVersion: opt(5, text),
    resourceVersion: opt(6, text),
    fieldPath: opt(7, text),
  },
  { map: 'atomic' },
)
export type ObjectReference = z.infer<typeof objectReference>

export const typedLocalObjectReference = message(
  'TypedLocalObjectReference',
  {
    apiGroup: opt(1, text, { ptr: true }),
    kind: f(2, text),
    name: f(3, text),
  },
  { map: 'atomic' },
)
export type TypedLocalObjectReference = z.infer<typeof typedLocalObjectReference>

export const typedObjectReference = message('TypedObjectReference', {
  apiGroup: opt(1, text, { ptr: true }),
  kind: f(2, text),
  name: f(3, text),
  namespace: opt(4, text, { ptr: true }),
})
export type TypedObjectReference = z.infer<typeof typedObjectReference>
