import * as z from 'zod'
import { f, message, opt } from '../types/field.ts'
import { any, bool, int64, stringMap, text, time } from '../types/scalars.ts'

export const ownerReference = message(
  'meta/v1.OwnerReference',
  {
    apiVersion: f(5, text, { description: 'API version of the owner.' }),
    kind: f(1, text, { description: 'Kind of the owner.' }),
    name: f(3, text, { description: 'Name of the owner.' }),
    uid: f(4, text, { description: 'UID of the owner: a new object of its name is another one.' }),
    controller: opt(6, bool, { description: 'Whether this owner manages the object. One may.', ptr: true }),
    blockOwnerDeletion: opt(7, bool, { description: 'Whether a foreground delete of the owner waits for this object.', ptr: true }),
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
export const objectMeta = message(
  'meta/v1.ObjectMeta',
  {
    name: f(1, text.default(''), {
      description: 'What the object is called; no two of its kind and namespace share it, and it never changes.',
    }),
    generateName: opt(2, text, { description: 'When there is no name, the server makes one that starts with this.' }),
    namespace: opt(3, text, { description: 'The namespace the object is in.' }),
    selfLink: opt(4, text),
    uid: opt(5, text, { description: 'Tells this object from all others that had or will have its name. Given by the server.' }),
    resourceVersion: opt(6, text, {
      description: 'Changes with every write. Sent back with an update, it makes sure that nobody else wrote in between.',
    }),
    generation: opt(7, int64, { description: 'Counts the changes of the spec.' }),
    creationTimestamp: opt(8, time, { description: 'CreationTimestamp is a timestamp: when the server first stored the object.' }),
    deletionTimestamp: opt(9, time, { description: 'When the object is to be gone; set by a delete that has to wait.' }),
    deletionGracePeriodSeconds: opt(10, int64, { description: 'How long the deletion may take.', ptr: true }),
    labels: opt(11, stringMap, { description: 'Short words to select objects by.' }),
    annotations: opt(12, stringMap, { description: 'Notes for tools and people; not selected by.' }),
    ownerReferences: opt(13, z.array(ownerReference), {
      description: 'What this object belongs to; it is deleted when all of its owners are.',
      list: 'map',
      keys: ['uid'],
      patch: 'merge',
      key: 'uid',
    }),
    finalizers: opt(14, z.array(text), {
      description: 'Who has something to do before the object may go. It stays until the list is empty.',
      list: 'set',
      patch: 'merge',
    }),
    managedFields: opt(17, z.array(managedFieldsEntry), { description: 'Who set which field, for server-side apply.', list: 'atomic' }),
  },
  { description: "Standard object's metadata: what every object has." },
)
export type ObjectMeta = z.infer<typeof objectMeta>

/** The metadata of a template: the same fields, but it needs no name. */
export const templateMeta = message('meta/v1.ObjectMeta', { ...objectMeta.shape, name: opt(1, text) })
export type TemplateMeta = z.infer<typeof templateMeta>
