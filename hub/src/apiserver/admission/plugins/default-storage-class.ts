import { ownValue } from '@bramble/shared/json/own.ts'
import { type PersistentVolumeClaim, persistentVolumeClaims } from '@bramble/shared/kinds/persistent-volume-claim.ts'
import { isDefaultClass, storageClasses } from '@bramble/shared/kinds/storage-class.ts'
import { defineAdmission } from '../admission.ts'
import { newestDefault } from '../newest-default.ts'

/** The old way to name a class. */
const annotation = 'volume.beta.kubernetes.io/storage-class'

/** A claim that names no class, in neither way, is of the default one; one that names the empty class wants none. */
export const defaultStorageClass = defineAdmission('default-storage-class', ({ registry }) => ({
  kinds: [persistentVolumeClaims],
  admit({ operation, object, origin: { subresource } }) {
    if (operation !== 'CREATE' || subresource !== undefined) return
    const { metadata, spec } = object as PersistentVolumeClaim // it is of that kind
    if (spec.storageClassName !== undefined || ownValue(metadata.annotations, annotation) !== undefined) return
    const name = newestDefault(registry, storageClasses, isDefaultClass)
    if (name !== undefined) spec.storageClassName = name
  },
}))
