import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkDataKey, checkDnsLabel, checkDnsSubdomain } from '../../meta/names.ts'
import { parseQuantity } from '../../meta/quantity.ts'
import type { KeyToPath } from '../../types/object-volumes.ts'
import type { DownwardAPIVolumeFile } from '../../types/object-volumes.ts'
import type { VolumeProjection } from '../../types/projected-volume.ts'
import { type Volume, volumeSource } from '../../types/volume.ts'
import { validateFieldRef, validateResourceFieldRef, volumeFields } from './env.ts'
import { duplicatesOf, required, requiredAndChecked } from './field-errors.ts'
import { fieldDuplicate } from '../../api/api-error.ts'

const otherSources = (Object.keys(volumeSource.shape) as (keyof typeof volumeSource.shape)[]) // the keys of that very object
  .filter((name) => name !== 'emptyDir')
/** In the order in which a second one is refused. */
const sourceNames = ['emptyDir', ...otherSources] as const

export function validateVolumes(volumes: readonly Volume[] | undefined, field: string): FieldError[] {
  const names = (volumes ?? []).map(({ name }) => name)
  return [
    ...(volumes ?? []).flatMap((volume, i) => [
      ...requiredAndChecked(`${field}[${i}].name`, volume.name, checkDnsLabel),
      ...validateSource(volume, `${field}[${i}]`),
    ]),
    ...duplicatesOf(names).map((i) => fieldDuplicate(`${field}[${i}].name`, names[i])),
  ]
}

/** A volume without a source is an empty directory. */
export function setVolumeDefaults(volumes: readonly Volume[] | undefined): void {
  for (const volume of volumes ?? []) if (sourceNames.every((name) => volume[name] === undefined)) volume.emptyDir = {}
}

function validateSource(volume: Volume, field: string): FieldError[] {
  const given = sourceNames.filter((name) => volume[name] !== undefined)
  if (given.length === 0) return [fieldRequired(field, 'must specify a volume type')]
  const { hostPath, emptyDir, secret, configMap, downwardAPI, projected, persistentVolumeClaim } = volume
  return [
    ...given.slice(1).map((name) => fieldForbidden(`${field}.${name}`, 'may not specify more than 1 volume type')),
    ...(hostPath === undefined ? [] : validateHostPath(hostPath.path, `${field}.hostPath.path`)),
    ...(emptyDir?.sizeLimit !== undefined && parseQuantity(emptyDir.sizeLimit).nano < 0n
      ? [fieldForbidden(`${field}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : []),
    ...(secret === undefined
      ? []
      : [
          ...requiredAndChecked(`${field}.secret.secretName`, secret.secretName, checkDnsSubdomain),
          ...validateMode(secret.defaultMode, `${field}.secret.defaultMode`),
          ...validateItems(secret.items, `${field}.secret.items`),
        ]),
    ...(configMap === undefined
      ? []
      : [
          ...requiredAndChecked(`${field}.configMap.name`, configMap.name, checkDnsSubdomain),
          ...validateMode(configMap.defaultMode, `${field}.configMap.defaultMode`),
          ...validateItems(configMap.items, `${field}.configMap.items`),
        ]),
    ...(downwardAPI === undefined
      ? []
      : [
          ...validateMode(downwardAPI.defaultMode, `${field}.downwardAPI.defaultMode`),
          ...validateFiles(downwardAPI.items, `${field}.downwardAPI.items`),
        ]),
    ...(projected === undefined
      ? []
      : [
          ...validateMode(projected.defaultMode, `${field}.projected.defaultMode`),
          ...(projected.sources ?? []).flatMap((source, i) => validateProjection(source, `${field}.projected.sources[${i}]`)),
        ]),
    ...(persistentVolumeClaim === undefined ? [] : required(`${field}.persistentVolumeClaim.claimName`, persistentVolumeClaim.claimName)),
  ]
}

function validateProjection(projection: VolumeProjection, field: string): FieldError[] {
  const given = Object.entries(projection).filter(([, source]) => source !== undefined)
  if (given.length === 0) return [fieldRequired(field, 'must specify a source')]
  const { secret, configMap, downwardAPI, serviceAccountToken } = projection
  return [
    ...given.slice(1).map(([name]) => fieldForbidden(`${field}.${name}`, 'may not specify more than 1 volume type per source')),
    ...(secret === undefined
      ? []
      : [
          ...requiredAndChecked(`${field}.secret.name`, secret.name, checkDnsSubdomain),
          ...validateItems(secret.items, `${field}.secret.items`),
        ]),
    ...(configMap === undefined
      ? []
      : [
          ...requiredAndChecked(`${field}.configMap.name`, configMap.name, checkDnsSubdomain),
          ...validateItems(configMap.items, `${field}.configMap.items`),
        ]),
    ...(downwardAPI === undefined ? [] : validateFiles(downwardAPI.items, `${field}.downwardAPI.items`)),
    ...(serviceAccountToken === undefined ? [] : validateToken(serviceAccountToken, `${field}.serviceAccountToken`)),
  ]
}

function validateToken({ path, expirationSeconds }: { path: string; expirationSeconds: number }, field: string): FieldError[] {
  const seconds = `${field}.expirationSeconds`
  return [
    ...(expirationSeconds < 600 ? [fieldInvalid(seconds, expirationSeconds, 'may not specify a duration less than 10 minutes')] : []),
    ...(expirationSeconds > 2 ** 32
      ? [fieldInvalid(seconds, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...validateRelativePath(path, `${field}.path`),
  ]
}

const validateItems = (items: readonly KeyToPath[] | undefined, field: string): FieldError[] =>
  (items ?? []).flatMap(({ key, path, mode }, i) => [
    ...requiredAndChecked(`${field}[${i}].key`, key, checkDataKey),
    ...validateRelativePath(path, `${field}[${i}].path`),
    ...validateMode(mode, `${field}[${i}].mode`),
  ])

const validateFiles = (files: readonly DownwardAPIVolumeFile[] | undefined, field: string): FieldError[] =>
  (files ?? []).flatMap(({ path, fieldRef, resourceFieldRef, mode }, i) => {
    const name = `${field}[${i}]`
    const errors = [...validateRelativePath(path, `${name}.path`), ...validateMode(mode, `${name}.mode`)]
    if (fieldRef !== undefined && resourceFieldRef !== undefined)
      return [...errors, fieldInvalid(name, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')]
    if (fieldRef !== undefined) return [...errors, ...validateFieldRef(fieldRef, `${name}.fieldRef`, volumeFields)]
    if (resourceFieldRef !== undefined) return [...errors, ...validateResourceFieldRef(resourceFieldRef, `${name}.resourceFieldRef`)]
    return [...errors, fieldRequired(name, 'one of fieldRef and resourceFieldRef is required')]
  })

const validateHostPath = (path: string, field: string): FieldError[] =>
  path === '' ? [fieldRequired(field)] : hasBackstep(path) ? [fieldInvalid(field, path, "must not contain '..'")] : []

/** A path inside of a volume: it must not lead out of it. */
export function validateRelativePath(path: string, field: string): FieldError[] {
  if (path === '') return [fieldRequired(field)]
  if (path.startsWith('/')) return [fieldInvalid(field, path, 'must be a relative path')]
  if (hasBackstep(path)) return [fieldInvalid(field, path, "must not contain '..'")]
  return path.startsWith('..') ? [fieldInvalid(field, path, "must not start with '..'")] : []
}

const hasBackstep = (path: string) => path.split('/').includes('..')

const validateMode = (mode: number | undefined, field: string): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > 0o777)
    ? [fieldInvalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : []
