import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { isSameJson } from '../../json/same-json.ts'
import { checkDnsSubdomain } from '../../meta/names.ts'
import { parseQuantity } from '../../meta/quantity.ts'
import type { PersistentVolumeClaimSpec } from '../../types/claim-volumes.ts'
import type { TypedObjectReference } from '../../types/references.ts'
import { checked } from './field-errors.ts'
import { validateLabelSelector } from './scheduling.ts'

/** The contents of a claim may be named in an old way and in a new one; each is written into the other as far as it can be. */
export function setClaimDefaults(spec: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec
  if (dataSource !== undefined && dataSourceRef === undefined) spec.dataSourceRef = { ...dataSource }
  else if (dataSource === undefined && dataSourceRef !== undefined && !dataSourceRef.namespace && isKnownSource(dataSourceRef)) {
    const { namespace: _namespace, ...local } = dataSourceRef
    spec.dataSource = local
  }
}

const isKnownSource = ({ apiGroup = '', kind }: TypedObjectReference) =>
  (apiGroup === '' && kind === 'PersistentVolumeClaim') || (apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot')

export function validateClaimSpec(spec: PersistentVolumeClaimSpec, field: string): FieldError[] {
  const { storageClassName = '', volumeAttributesClassName = '', dataSource, dataSourceRef, resources } = spec
  return [
    ...validateAccessModes(spec.accessModes, `${field}.accessModes`, 'at least 1 access mode is required'),
    ...validateLabelSelector(spec.selector, `${field}.selector`),
    ...validateStorage(resources?.requests?.['storage'], `${field}.resources[storage]`),
    ...(storageClassName === '' ? [] : checked(`${field}.storageClassName`, storageClassName, checkDnsSubdomain)),
    ...(dataSource === undefined ? [] : validateSource(dataSource, `${field}.dataSource`)),
    ...(dataSourceRef === undefined ? [] : validateSource(dataSourceRef, `${field}.dataSourceRef`)),
    ...(dataSource !== undefined && dataSourceRef !== undefined && !isSameSource(dataSource, dataSourceRef)
      ? [fieldInvalid(field, `${field}.dataSource`, 'must match dataSourceRef')]
      : []),
    ...(volumeAttributesClassName === ''
      ? []
      : checked(`${field}.volumeAttributesClassName`, volumeAttributesClassName, checkDnsSubdomain)),
  ]
}

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

export function validateAccessModes(modes: readonly string[] = [], field: string, need = ''): FieldError[] {
  if (modes.length === 0) return [fieldRequired(field, need)]
  return [
    ...modes.filter((mode) => !accessModes.includes(mode)).map((mode) => fieldNotSupported(field, mode, accessModes)),
    ...(modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod')
      ? [fieldForbidden(field, 'may not use ReadWriteOncePod with other access modes')]
      : []),
  ]
}

function validateStorage(storage: string | undefined, field: string): FieldError[] {
  if (storage === undefined) return [fieldRequired(field)]
  return parseQuantity(storage).nano > 0n ? [] : [fieldInvalid(field, storage, 'must be greater than zero')]
}

function validateSource({ apiGroup = '', kind, name }: TypedObjectReference, field: string): FieldError[] {
  return [
    ...(name === '' ? [fieldRequired(`${field}.name`)] : []),
    ...(kind === '' ? [fieldRequired(`${field}.kind`)] : []),
    ...(apiGroup === '' && kind !== 'PersistentVolumeClaim'
      ? [fieldInvalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
      : []),
    ...(apiGroup === '' ? [] : checked(`${field}.apiGroup`, apiGroup, checkDnsSubdomain)),
  ]
}

const isSameSource = (a: TypedObjectReference, b: TypedObjectReference) =>
  isSameJson([a.apiGroup ?? '', a.kind, a.name], [b.apiGroup ?? '', b.kind, b.name])
