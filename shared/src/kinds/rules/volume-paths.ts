import { type FieldError, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import type { DownwardAPIVolumeFile, KeyToPath } from '../../types/object-volumes.ts'
import { required } from './field-errors.ts'
import { validateFieldRef, validateResourceFieldRef, volumeFields } from './field-refs.ts'

/** Of the entries of a ConfigMap or Secret any may be named: one that cannot be there is one that is not there. */
export const validateItems = (items: readonly KeyToPath[] | undefined, field: string): FieldError[] =>
  (items ?? []).flatMap(({ key, path, mode }, i) => [
    ...required(`${field}[${i}].key`, key),
    ...required(`${field}[${i}].path`, path),
    ...validateReserved(path, `${field}[${i}].path`),
    ...validateMode(mode, `${field}[${i}].mode`),
  ])

/** Kubernetes tells them without their places in the list. */
export const validateFiles = (files: readonly DownwardAPIVolumeFile[] | undefined, field: string): FieldError[] =>
  (files ?? []).flatMap(({ path, fieldRef, resourceFieldRef, mode }) => [
    ...required(`${field}.path`, path),
    ...validateReserved(path, `${field}.path`),
    ...(fieldRef === undefined ? [] : validateFieldRef(fieldRef, `${field}.fieldRef`, volumeFields)),
    ...(fieldRef !== undefined && resourceFieldRef !== undefined
      ? [fieldInvalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')]
      : []),
    ...(fieldRef === undefined && resourceFieldRef !== undefined
      ? validateResourceFieldRef(resourceFieldRef, `${field}.resourceFieldRef`, 'volume')
      : []),
    ...(fieldRef === undefined && resourceFieldRef === undefined
      ? [fieldRequired(field, 'one of fieldRef and resourceFieldRef is required')]
      : []),
    ...validateMode(mode, `${field}.mode`),
  ])

/** A path inside of a volume: it must not lead out of it. */
export const validateDescending = (path: string, field: string): FieldError[] => [
  ...(path.startsWith('/') ? [fieldInvalid(field, path, 'must be a relative path')] : []),
  ...withoutBackstep(path, field),
]

/** Names that begin with two dots are those of the folders between which a volume is switched. */
const validateReserved = (path: string, field: string): FieldError[] => [
  ...validateDescending(path, field),
  ...(path.startsWith('..') && !path.startsWith('../') ? [fieldInvalid(field, path, "must not start with '..'")] : []),
]

export const withoutBackstep = (path: string, field: string): FieldError[] =>
  path.split('/').includes('..') ? [fieldInvalid(field, path, "must not contain '..'")] : []

export const validateMode = (mode: number | undefined, field: string): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > 0o777)
    ? [fieldInvalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : []
