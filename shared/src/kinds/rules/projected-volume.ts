import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import type { ProjectedVolumeSource, VolumeProjection } from '../../types/projected-volume.ts'
import { required } from './field-errors.ts'
import { validateFiles, validateItems, validateMode } from './volume-paths.ts'

export function validateProjected({ defaultMode, sources = [] }: ProjectedVolumeSource, field: string): FieldError[] {
  const taken = new Set<string>()
  return [
    ...validateMode(defaultMode, `${field}.defaultMode`),
    ...sources.flatMap((source, i) => [
      ...validateProjection(source, field, `${field}.sources[${i}]`),
      ...pathsOf(source).flatMap(({ path, told }) => {
        if (path === '') return []
        if (taken.has(path)) return [fieldInvalid(field, told, 'conflicting duplicate paths')]
        taken.add(path)
        return []
      }),
    ]),
  ]
}

/** Where each file of it comes to lie, and by what Kubernetes names the conflict. */
const pathsOf = ({ secret, configMap, downwardAPI }: VolumeProjection) => [
  ...(secret?.items ?? []).map(({ path }) => ({ path, told: secret?.name })),
  ...(configMap?.items ?? []).map(({ path }) => ({ path, told: configMap?.name })),
  ...(downwardAPI?.items ?? []).map(({ path }) => ({ path, told: path })),
]

function validateProjection(projection: VolumeProjection, volume: string, field: string): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken } = projection
  const given = Object.values(projection).filter((source) => source !== undefined)
  return [
    ...(secret === undefined
      ? []
      : [...required(`${field}.secret.name`, secret.name), ...validateItems(secret.items, `${field}.secret.items`)]),
    ...(configMap === undefined
      ? []
      : [...required(`${field}.configMap.name`, configMap.name), ...validateItems(configMap.items, `${field}.configMap.items`)]),
    ...(downwardAPI === undefined ? [] : validateFiles(downwardAPI.items, `${field}.downwardAPI`)),
    ...(serviceAccountToken === undefined
      ? []
      : [
          ...validateSeconds(serviceAccountToken.expirationSeconds, `${field}.serviceAccountToken.expirationSeconds`),
          ...(serviceAccountToken.path === '' ? [fieldRequired(`${volume}.path`)] : []),
        ]),
    ...(given.length > 1 ? [fieldForbidden(field, 'may not specify more than 1 volume type per source')] : []),
  ]
}

function validateSeconds(seconds: number, field: string): FieldError[] {
  if (seconds < 600) return [fieldInvalid(field, seconds, 'may not specify a duration less than 10 minutes')]
  return seconds > 2 ** 32 ? [fieldInvalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')] : []
}
