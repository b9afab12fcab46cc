import * as z from 'zod'
import { f, message, opt } from '../types/field.ts'
import { any, bool, int64, stringMap, text, time } from '../types/scalars.ts'

export const ownerReference = message(
  'meta/v1.OwnerReference',
  {
    apiVersion: f(5, text),
    kind: f(1, text),
    name: f(3, text),
    uid: f(4, text),
    controller: opt(6, bool, { ptr: true }),
    blockOwnerDeletion: opt(7, bool, { ptr: true }),
  },
  { map: 'atomic' },
)
export type OwnerReference = z.infer<typeof ownerReference>

export const managedFieldsEntry = message('meta/v1.ManagedFieldsEntry', {
  manager: opt(1, text),
  operation: opt(2, text),
  apiVersion: opt(3, text),
  time: opt(4, time),
  fieldsType: opt(6, text),
  fieldsV1: opt(7, any),
  subresource: opt(8, text),
})
export type ManagedFieldsEntry = z.infer<typeof managedFieldsEntry>

/** The metadata of every stored object. `name` is empty only until admission has made one from `generateName`. */
export const objectMeta = message('meta/v1.ObjectMeta', {
  name: f(1, text.default('')),
  generateName: opt(2, text),
  namespace: opt(3, text),
  selfLink: opt(4, text),
  uid: opt(5, text),
  resourceVersion: opt(6, text),
  generation: opt(7, int64),
  creationTimestamp: opt(8, time),
  deletionTimestamp: opt(9, time),
  deletionGracePeriodSeconds: opt(10, int64, { ptr: true }),
  labels: opt(11, stringMap),
  annotations: opt(12, stringMap),
  ownerReferences: opt(13, z.array(ownerReference), { list: 'map', keys: ['uid'], patch: 'merge', key: 'uid' }),
  finalizers: opt(14, z.array(text), { list: 'set', patch: 'merge' }),
  managedFields: opt(17, z.array(managedFieldsEntry), { list: 'atomic' }),
})
export type ObjectMeta = z.infer<typeof objectMeta>

/** The metadata of a template: the same fields, but it needs no name. */
export const templateMeta = message('meta/v1.ObjectMeta', { ...objectMeta.shape, name: opt(1, text) })
export type TemplateMeta = z.infer<typeof templateMeta>
