import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { mirrorAnnotation } from '@bramble/shared/kinds/rules/pod-annotations.ts'
import { serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import type { Registry } from '../../objects/registry.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'
import { secretsOf, unlistedSecret } from '../secret-references.ts'
import { addTokenVolume } from '../token-volume.ts'

/**
 * A pod runs as its namespace's `default` account unless it names another, which must be there; it pulls its images with the secrets of
 * the account unless it names its own, and its containers are shown a token of the account. `default` itself is made by a controller a
 * moment after its namespace, and made again when it is deleted: nobody has to wait for it here, a pod without its token waits on its
 * node. An account may bind its pods to the Secrets that it lists.
 */
export const serviceAccount = defineAdmission('service-account', ({ registry, random }) => ({
  kinds: [pods],
  admit({ operation, kind, object, origin: { subresource }, name: podName, namespace }) {
    if (operation === 'UPDATE' && subresource === 'ephemeralcontainers') return admitEphemeral(object as Pod, registry)
    if (operation !== 'CREATE' || subresource !== undefined || object === undefined) return
    const { spec, metadata } = object as Pod // it is of that kind
    if (metadata.annotations?.[mirrorAnnotation] !== undefined) return admitMirror(object as Pod, { kind, name: podName })
    const name = [spec.serviceAccountName, spec.serviceAccount].find((one) => one !== undefined && one !== '') ?? 'default'
    const entry = registry.find(serviceAccounts, namespace, name)
    if (entry === undefined && name !== 'default') throw refused({ kind, name: podName }, notFoundText(namespace, name))
    spec.serviceAccountName = name
    spec.serviceAccount = name
    const account = entry === undefined ? undefined : registry.objectOf(serviceAccounts, entry)
    const unlisted = account === undefined ? undefined : unlistedSecret(object as Pod, account)
    if (unlisted !== undefined) throw refused({ kind, name: podName }, unlisted)
    addTokenVolume(object as Pod, account, random)
    const { imagePullSecrets = [] } = account ?? {}
    if ((spec.imagePullSecrets ?? []).length === 0 && imagePullSecrets.length > 0)
      spec.imagePullSecrets = imagePullSecrets.map((secret) => ({ ...secret }))
  },
}))

/** Who looks into a pod may use no Secret that its account does not list either, and none where nobody knows what it lists. */
function admitEphemeral({ metadata: { name, namespace }, spec }: Pod, registry: Registry): void {
  const refusing = { kind: pods, name }
  const account = spec.serviceAccountName ?? ''
  const entry = registry.find(serviceAccounts, namespace, account)
  const added = { ...spec, volumes: [], initContainers: [], containers: [], imagePullSecrets: [] }
  if (entry === undefined) {
    if (secretsOf(added).length === 0) return
    throw refused(refusing, account === '' ? `no service account specified for pod ${namespace}/${name}` : notFoundText(namespace, account))
  }
  const unlisted = unlistedSecret({ spec: added }, registry.objectOf(serviceAccounts, entry))
  if (unlisted !== undefined) throw refused(refusing, unlisted)
}

const notFoundText = (namespace: string | undefined, name: string): string =>
  `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`

/** A mirror stands for a pod that a node was given by itself: it has no account, so it may not reach what accounts guard. */
function admitMirror({ spec }: Pod, refusing: Pick<Admission, 'kind' | 'name'>): void {
  const { serviceAccountName: account = '', serviceAccount = '', imagePullSecrets = [], volumes = [] } = spec
  if (account !== '' || serviceAccount !== '') throw refused(refusing, 'a mirror pod may not reference service accounts')
  if (secretsOf(spec).length + imagePullSecrets.length > 0) throw refused(refusing, 'a mirror pod may not reference secrets')
  if (volumes.some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken !== undefined)))
    throw refused(refusing, 'a mirror pod may not use ServiceAccountToken volume projections')
}
