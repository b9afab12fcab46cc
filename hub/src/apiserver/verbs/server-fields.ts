import { badRequest, conflict, type FieldError, fieldInvalid, staleObject } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { checkSameObject } from '../bodies/body-of.ts'
import type { WriteCall } from '../call.ts'
import type { Origin } from '../objects/origin.ts'
import { checkRevisionIn } from '../query/resource-version.ts'
import type { Scope } from './scope.ts'

type Meta = KubeObject['metadata']
type ServerField = {
  readonly field: 'uid' | 'creationTimestamp' | 'deletionTimestamp' | 'deletionGracePeriodSeconds' | 'namespace' | 'generation'
  /** Whether its sender must hear that it stays as it is. */
  readonly isRefused?: (next: Meta, previous: Meta, origin: Origin) => boolean
}

/** What nobody but the server writes: of all of it a change leaves what there was. */
const serverFields: readonly ServerField[] = [
  // What a PUT only checks that it meets the right object by, a patch says that it wants to change.
  { field: 'uid', isRefused: ({ uid = '' }, previous, origin) => isChangeOf(origin) && uid !== '' && uid !== previous.uid },
  { field: 'creationTimestamp' },
  {
    field: 'deletionTimestamp',
    isRefused: ({ deletionTimestamp }, previous) => deletionTimestamp !== undefined && previous.deletionTimestamp === undefined,
  },
  {
    field: 'deletionGracePeriodSeconds',
    isRefused: ({ deletionGracePeriodSeconds: seconds }, previous) =>
      seconds !== undefined && seconds !== previous.deletionGracePeriodSeconds,
  },
  { field: 'namespace' },
  { field: 'generation' },
]

export function putBack(
  { origin }: WriteCall,
  { metadata }: KubeObject,
  { metadata: previous }: KubeObject,
  scope: Scope,
): readonly FieldError[] {
  const errors: FieldError[] = []
  for (const { field, isRefused } of serverFields) {
    if (scope !== 'free' && isRefused?.(metadata, previous, origin) === true)
      errors.push(fieldInvalid(`metadata.${field}`, metadata[field], 'field is immutable'))
    if (previous[field] === undefined) delete metadata[field]
    else Object.assign(metadata, { [field]: previous[field] })
  }
  return errors
}

const isChangeOf = ({ operation, subresource = 'status' }: Origin): boolean => operation === 'patch' && subresource === 'status'

/** A body that says which object it means is about that one, as it was read. */
export function checkIdentity({ kind, info, origin }: WriteCall, { metadata }: KubeObject, previous: KubeObject): void {
  const name = info.name ?? ''
  if ((metadata.name ?? '') === '')
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  checkSameObject(kind.namespaced ? metadata : { name: metadata.name }, info)
  if (!isChangeOf(origin) && metadata.uid !== undefined && metadata.uid !== '' && metadata.uid !== previous.metadata.uid)
    throw conflict(kind, name, `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${previous.metadata.uid}`)
  const { resourceVersion = '' } = metadata
  if (resourceVersion === previous.metadata.resourceVersion) return
  checkRevisionIn(metadata)
  const asked = resourceVersion.replace(/^0+/, '')
  if (asked !== '' && asked !== previous.metadata.resourceVersion) throw staleObject(kind, name)
}
