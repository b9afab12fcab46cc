import { type FieldError, fieldInvalid } from '@bramble/shared/api-error.ts'
import type { OwnerReference } from '@bramble/shared/meta/object-meta.ts'

const field = 'metadata.ownerReferences'

/** Each names its owner in full, and one at most controls the object: two controllers would fight over it. */
export const validateOwners = (owners: readonly OwnerReference[] = []): readonly FieldError[] => [
  ...owners.flatMap(validateOwner),
  ...owners
    .filter(({ controller }) => controller === true)
    .slice(1)
    .map(({ kind, name }) =>
      fieldInvalid(
        field,
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${firstController(owners)} and ${kind}/${name}`,
      ),
    ),
]

function firstController(owners: readonly OwnerReference[]): string {
  const first = owners.find(({ controller }) => controller === true)
  return first === undefined ? '' : `${first.kind}/${first.name}`
}

function validateOwner(owner: OwnerReference): readonly FieldError[] {
  const { apiVersion, kind, name, uid } = owner
  const empty = (part: 'kind' | 'name' | 'uid') =>
    owner[part] === '' ? [fieldInvalid(`${field}.${part}`, '', `${part} must not be empty`)] : []
  return [
    ...(versionOf(apiVersion) === '' ? [fieldInvalid(`${field}.apiVersion`, apiVersion, 'version must not be empty')] : []),
    ...empty('kind'),
    ...empty('name'),
    ...empty('uid'),
    ...(apiVersion === 'v1' && kind === 'Event'
      ? [fieldInvalid(field, { apiVersion, kind, name, uid }, '/v1, Kind=Event is disallowed from being an owner')]
      : []),
  ]
}

/** `v1` and `apps/v1` have one; what has more slashes is no API version. */
function versionOf(apiVersion: string): string {
  const parts = apiVersion.split('/')
  return parts.length > 2 ? '' : (parts.at(-1) ?? '')
}
