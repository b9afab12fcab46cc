import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import type { AdmissionPlugin } from './admission.ts'

/** A pod runs as its namespace's `default` account unless it names another. */
export const serviceAccountName: AdmissionPlugin = {
  name: 'service-account-name',
  admit({ operation, kind, object, subresource }) {
    if (operation !== 'CREATE' || kind !== pods || subresource !== undefined || object === undefined) return
    const { spec, metadata } = object as Pod // it is of that kind
    if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return
    const name = [spec.serviceAccountName, spec.serviceAccount].find((one) => one !== undefined && one !== '') ?? 'default'
    spec.serviceAccountName = name
    spec.serviceAccount = name
  },
}
