import { type FieldError, fieldInvalid } from '@bramble/shared/api/api-error.ts'
import { fieldTooMany } from '@bramble/shared/kinds/rules/field-errors.ts'
import type { OwnerReference } from '@bramble/shared/meta/object-meta.ts'
import type { KindIndex } from '../../discovery/kind-index.ts'

const field = 'metadata.ownerReferences'

/**
 * More than anything has that is made by a controller. Each owner is looked up, and objects that all own one another wait for one another
 * in the square of their number: Kubernetes has no limit, and a hub would be busy with them for hours.
 */
const mostOwners = 250

/** Each names its owner in full, and one at most controls the object: two controllers would fight over it. */
export const validateOwners = (kinds: KindIndex, owners: readonly OwnerReference[] = []): readonly FieldError[] => [
  ...(owners.length > mostOwners ? [fieldTooMany(field, owners.length, mostOwners)] : []),
  ...owners.flatMap((owner) => validateOwner(kinds, owner)),
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

function validateOwner(kinds: KindIndex, owner: OwnerReference): readonly FieldError[] {
  const { apiVersion, kind, name, uid } = owner
  const empty = (part: 'kind' | 'name' | 'uid') =>
    owner[part] === '' ? [fieldInvalid(`${field}.${part}`, '', `${part} must not be empty`)] : []
  return [
    ...(versionOf(apiVersion) === '' ? [fieldInvalid(`${field}.apiVersion`, apiVersion, 'version must not be empty')] : []),
    ...empty('kind'),
    ...empty('name'),
    ...empty('uid'),
    ...(kinds.byKind(apiVersion, kind)?.ownsNothing === true
      ? [fieldInvalid(field, { apiVersion, kind, name, uid }, `${qualified(apiVersion)}, Kind=${kind} is disallowed from being an owner`)]
      : []),
  ]
}

/** With the empty group written, as Go writes it. */
const qualified = (apiVersion: string) => (apiVersion.includes('/') ? apiVersion : `/${apiVersion}`)

/** `v1` and `apps/v1` have one; what has more slashes is no API version. */
function versionOf(apiVersion: string): string {
  const parts = apiVersion.split('/')
  return parts.length > 2 ? '' : (parts.at(-1) ?? '')
}
