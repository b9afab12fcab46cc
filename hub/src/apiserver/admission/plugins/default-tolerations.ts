import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { defineAdmission } from '../admission.ts'

/** How long a pod stays on a node that is lost or not ready, when it does not say itself. An update that leaves them out gets them again. */
const seconds = 300
const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

export const defaultTolerations = defineAdmission('default-tolerations', () => ({
  kinds: [pods],
  admit({ object, origin: { subresource } }) {
    if (subresource !== undefined || object === undefined) return
    const { spec } = object as Pod // it is of that kind
    const given = spec.tolerations ?? []
    const missing = keys.filter(
      (key) =>
        !given.some((one) => (one.key === key || (one.key ?? '') === '') && (one.effect === 'NoExecute' || (one.effect ?? '') === '')),
    )
    if (missing.length === 0) return
    spec.tolerations = [
      ...given,
      ...missing.map((key) => ({ key, operator: 'Exists' as const, effect: 'NoExecute' as const, tolerationSeconds: seconds })),
    ]
  },
}))
