import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { ServiceAccount } from '@bramble/shared/kinds/service-account.ts'
import { volumeSecretsOf } from '../authz/pod-references.ts'

const enforce = 'kubernetes.io/enforce-mountable-secrets'

/**
 * Why the account may not have this pod: one with the annotation lets its pods use no Secret that it does not list itself. Every way to
 * a Secret counts, those too that Kubernetes forgot (`envFrom`, volumes of every other sort).
 */
export function unlistedSecret(
  { spec }: Pick<Pod, 'spec'>,
  { metadata, secrets = [], imagePullSecrets = [] }: ServiceAccount,
): string | undefined {
  if (!/^(1|t|true)$/i.test(metadata.annotations?.[enforce] ?? '')) return undefined
  const listed = new Set(secrets.map(({ name }) => name))
  const found = secretsOf(spec).find(({ name }) => !listed.has(name))
  if (found !== undefined) return `${found.what} is not allowed because service account ${metadata.name} does not reference that secret`
  const pulling = new Set(imagePullSecrets.map(({ name }) => name))
  const at = (spec.imagePullSecrets ?? []).findIndex(({ name }) => !pulling.has(name))
  return at < 0
    ? undefined
    : `imagePullSecrets[${at}].name=${JSON.stringify(spec.imagePullSecrets?.[at]?.name ?? '')} is not allowed because service account ${metadata.name} does not reference that imagePullSecret`
}

type Use = { readonly name: string; readonly what: string }

/** Each Secret that a pod reads, and how. */
export function secretsOf({ volumes = [], initContainers = [], containers, ephemeralContainers = [] }: Pod['spec']): readonly Use[] {
  const uses: Use[] = []
  const add = (name: string | undefined, how: string, field = 'secret.secretName') => {
    if (name !== undefined) uses.push({ name, what: `${how} ${field}=${JSON.stringify(name)}` })
  }
  for (const volume of volumes) for (const { name, field } of volumeSecretsOf(volume)) add(name, 'volume with', field)
  for (const [kind, list] of [
    ['init container', initContainers],
    ['container', containers],
    ['ephemeral container', ephemeralContainers],
  ] as const)
    for (const { name: container, env = [], envFrom = [] } of list) {
      for (const { name, valueFrom } of env) add(valueFrom?.secretKeyRef?.name, `${kind} ${container} with envVar ${name} referencing`)
      for (const { secretRef } of envFrom) add(secretRef?.name, `${kind} ${container} with envFrom referencing`)
    }
  return uses
}
