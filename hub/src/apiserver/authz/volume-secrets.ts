import type { PersistentVolume } from '@bramble/shared/kinds/persistent-volume.ts'

/** `namespace/name` of the Secrets by which a node mounts a volume; those by which a controller attaches or enlarges it are none of its business. */
export function secretsOfVolume({ spec }: PersistentVolume): ReadonlySet<string> {
  const found = new Set<string>()
  const add = (secret: { readonly name?: string | undefined; readonly namespace?: string | undefined } | undefined): void => {
    const { name = '', namespace = '' } = secret ?? {}
    // Without a namespace it is that of the claim.
    if (name !== '') found.add(`${namespace === '' ? (spec.claimRef?.namespace ?? '') : namespace}/${name}`)
  }
  add(spec.azureFile && { name: spec.azureFile.secretName, namespace: spec.azureFile.secretNamespace })
  for (const source of [spec.cephfs, spec.cinder, spec.flexVolume, spec.iscsi, spec.rbd, spec.scaleIO, spec.storageos])
    add(source?.secretRef)
  for (const secret of [spec.csi?.nodePublishSecretRef, spec.csi?.nodeStageSecretRef, spec.csi?.nodeExpandSecretRef]) add(secret)
  return found
}
