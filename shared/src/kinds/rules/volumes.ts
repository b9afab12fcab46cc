import { type FieldError, fieldDuplicate } from '../../api/api-error.ts'
import { checkDnsLabel } from '../../meta/names.ts'
import type { Volume } from '../../types/volume.ts'
import { requiredAndChecked } from './field-errors.ts'
import { pullPolicyOf } from './pull-policy.ts'
import { sourceNames, validateVolumeSource } from './volume-source.ts'

type Checked = { readonly errors: readonly FieldError[]; readonly good: readonly Volume[] }

/** What is wrong with them, and those that containers can mount: one that is wrong, or has the name of a good one, is not there for them. */
export function checkVolumes(volumes: readonly Volume[] | undefined, field: string): Checked {
  const good = new Map<string, Volume>()
  const errors = (volumes ?? []).flatMap((volume, i) => {
    const found = [
      ...validateVolumeSource(volume, `${field}[${i}]`),
      ...requiredAndChecked(`${field}[${i}].name`, volume.name, checkDnsLabel),
      ...(good.has(volume.name) ? [fieldDuplicate(`${field}[${i}].name`, volume.name)] : []),
    ]
    if (found.length === 0) good.set(volume.name, volume)
    return found
  })
  return { errors, good: [...good.values()] }
}

/** A volume without a source is an empty directory. */
export function setVolumeDefaults(volumes: readonly Volume[] | undefined): void {
  for (const volume of volumes ?? []) {
    if (sourceNames.every((name) => volume[name] === undefined)) volume.emptyDir = {}
    if (volume.image !== undefined) volume.image.pullPolicy ??= pullPolicyOf(volume.image.reference ?? '')
  }
}
