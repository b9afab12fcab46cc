import { type FieldError, fieldDuplicate } from '../../api/api-error.ts'
import { checkDnsLabel } from '../../meta/names.ts'
import type { Volume } from '../../types/volume.ts'
import { duplicatesOf, requiredAndChecked } from './field-errors.ts'
import { pullPolicyOf } from './pull-policy.ts'
import { sourceNames, validateVolumeSource } from './volume-source.ts'

export function validateVolumes(volumes: readonly Volume[] | undefined, field: string): FieldError[] {
  const names = (volumes ?? []).map(({ name }) => name)
  return [
    ...(volumes ?? []).flatMap((volume, i) => [
      ...requiredAndChecked(`${field}[${i}].name`, volume.name, checkDnsLabel),
      ...validateVolumeSource(volume, `${field}[${i}]`),
    ]),
    ...duplicatesOf(names).map((i) => fieldDuplicate(`${field}[${i}].name`, names[i])),
  ]
}

/** A volume without a source is an empty directory. */
export function setVolumeDefaults(volumes: readonly Volume[] | undefined): void {
  for (const volume of volumes ?? []) {
    if (sourceNames.every((name) => volume[name] === undefined)) volume.emptyDir = {}
    if (volume.image !== undefined) volume.image.pullPolicy ??= pullPolicyOf(volume.image.reference ?? '')
  }
}
