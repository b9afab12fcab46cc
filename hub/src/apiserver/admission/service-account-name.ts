import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import type { Registry } from '../registry.ts'
import { type AdmissionPlugin, refused } from './admission.ts'

/**
 * A pod runs as its namespace's `default` account unless it names another, which must be there; it pulls its images with the secrets of
 * the account unless it names its own. `default` itself is made by a controller a moment after its namespace, and made again when it is
 * deleted: nobody has to wait for it.
 */
export const serviceAccountName = ({ registry }: { readonly registry: Registry }): AdmissionPlugin => ({
  name: 'service-account-name',
  admit({ operation, kind, object, subresource, name: podName, namespace }) {
    if (operation !== 'CREATE' || kind !== pods || subresource !== undefined || object === undefined) return
    const { spec, metadata } = object as Pod // it is of that kind
    if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return
    const name = [spec.serviceAccountName, spec.serviceAccount].find((one) => one !== undefined && one !== '') ?? 'default'
    const entry = registry.find(serviceAccounts, namespace, name)
    if (entry === undefined && name !== 'default')
      throw refused(
        { kind, name: podName },
        `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
      )
    spec.serviceAccountName = name
    spec.serviceAccount = name
    const { imagePullSecrets = [] } = entry === undefined ? {} : registry.objectOf(serviceAccounts, entry)
    if ((spec.imagePullSecrets ?? []).length === 0 && imagePullSecrets.length > 0)
      spec.imagePullSecrets = imagePullSecrets.map((secret) => ({ ...secret }))
  },
})
