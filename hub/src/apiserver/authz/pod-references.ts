import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { mirrorAnnotation } from '@bramble/shared/kinds/rules/pod-annotations.ts'
import type { Volume } from '@bramble/shared/types/volume.ts'

/**
 * `configmaps/x`, `secrets/y`, `persistentvolumeclaims/z` for each that a pod mounts, reads into its environment or pulls images with, and its account.
 * Of a pod that its node has made itself, nothing: it would give itself rights.
 */
export function referencesOf({ metadata, spec }: Pick<Pod, 'metadata' | 'spec'>): ReadonlySet<string> {
  const found = new Set<string>()
  if (metadata.annotations?.[mirrorAnnotation] !== undefined) return found
  const add = (resource: string, name: string | undefined) => name !== undefined && name !== '' && found.add(`${resource}/${name}`)
  add('serviceaccounts', spec.serviceAccountName)
  for (const { name } of spec.imagePullSecrets ?? []) add('secrets', name)
  for (const volume of spec.volumes ?? []) {
    add('configmaps', volume.configMap?.name)
    add('persistentvolumeclaims', volume.persistentVolumeClaim?.claimName)
    // The claim that is made for it is called after both.
    if (volume.ephemeral !== undefined) add('persistentvolumeclaims', `${metadata.name}-${volume.name}`)
    for (const { name } of volumeSecretsOf(volume)) add('secrets', name)
    for (const source of volume.projected?.sources ?? []) add('configmaps', source.configMap?.name)
  }
  for (const container of [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add('configmaps', configMapRef?.name)
      add('secrets', secretRef?.name)
    }
    for (const { valueFrom } of container.env ?? []) {
      add('configmaps', valueFrom?.configMapKeyRef?.name)
      add('secrets', valueFrom?.secretKeyRef?.name)
    }
  }
  return found
}

/** What a volume reads of Secrets, and by which of its fields. */
export function volumeSecretsOf({
  secret,
  projected,
  azureFile,
  csi,
  ...volume
}: Volume): readonly { readonly field: string; readonly name: string }[] {
  const { cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos } = volume
  const found: readonly (readonly [string, string | undefined])[] = [
    ['secret.secretName', secret?.secretName],
    ...(projected?.sources ?? []).map((source) => ['projected.sources.secret.name', source.secret?.name] as const),
    ['azureFile.secretName', azureFile?.secretName],
    ['csi.nodePublishSecretRef.name', csi?.nodePublishSecretRef?.name],
    ...Object.entries({ cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos }).map(
      ([source, said]) => [`${source}.secretRef.name`, said?.secretRef?.name] as const,
    ),
  ]
  return found.flatMap(([field, name]) => (name === undefined || name === '' ? [] : [{ field, name }]))
}
