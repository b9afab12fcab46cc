import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { tokenVolumeOf, tokenVolumePrefix } from '@bramble/shared/kinds/rules/token-volume.ts'
import { generateName } from '@bramble/shared/meta/generated-name.ts'
import type { ServiceAccount } from '@bramble/shared/kinds/service-account.ts'

/** Where every client library looks for it. */
const path = '/var/run/secrets/kubernetes.io/serviceaccount'
/** An hour and a sign: by it the hub knows a volume that nobody asked for, whose reader may never read it again. */
const seconds = 3607

/** Whether pods of the account are given its token: the pod says so, or else the account; unless one does not want it, they are. */
const wantsToken = ({ spec }: Pod, account: Pick<ServiceAccount, 'automountServiceAccountToken'> | undefined): boolean =>
  spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true

/**
 * Shows each container where the API is to be trusted and who it is: a token, the authority and the namespace, at the usual place, unless
 * something is there already.
 */
export function addTokenVolume(pod: Pod, account: ServiceAccount | undefined, random: () => number): void {
  if (!wantsToken(pod, account)) return
  const { spec } = pod
  const without = [...(spec.initContainers ?? []), ...spec.containers].filter(
    ({ volumeMounts = [] }) => !volumeMounts.some(({ mountPath }) => mountPath === path),
  )
  if (without.length === 0) return
  // As of a pod that was read and is made again.
  const known = tokenVolumeOf(spec)?.name
  const name = known ?? generateName(tokenVolumePrefix, random)
  for (const container of without) container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: path }]
  if (known === undefined) spec.volumes = [...(spec.volumes ?? []), { name, projected: projected() }]
}

const projected = () => ({
  sources: [
    { serviceAccountToken: { path: 'token', expirationSeconds: seconds } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
  ],
  defaultMode: 0o644,
})
