import { notFound } from '@bramble/shared/api/api-error.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import type { TokenRequest } from '@bramble/shared/types/token-request.ts'
import { nodeNameOf } from '../../authz/node-user.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'

/** A node asks for tokens of the pods that it runs, for whom these want them, and for no others (NodeRestriction). */
export const nodeTokens = defineAdmission('node-tokens', ({ registry }) => ({
  kinds: [serviceAccounts],
  guard(admission) {
    const node = nodeNameOf(admission.origin.user)
    if (node === undefined || admission.origin.subresource !== 'token') return
    const { spec } = admission.object as unknown as TokenRequest // what is posted to that subresource
    const { boundObjectRef: reference } = spec
    const { name = '' } = reference ?? {}
    if (reference?.apiVersion !== 'v1' || reference.kind !== 'Pod' || name === '')
      throw refused(admission, 'node requested token not bound to a pod')
    if ((reference.uid ?? '') === '') throw refused(admission, 'node requested token with a pod binding without a uid')
    const entry = registry.find(pods, admission.namespace, name)
    if (entry === undefined) throw notFound(pods, name)
    const pod = registry.objectOf(pods, entry)
    if (pod.metadata.uid !== reference.uid)
      throw refused(
        admission,
        `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      )
    if (pod.spec.nodeName !== node) throw refused(admission, 'node requested token bound to a pod scheduled on a different node')
    checkAudience(admission, spec.audiences, pod)
  },
}))

function checkAudience(admission: Admission, [audience = '', ...more]: readonly string[], pod: Pod): void {
  if (more.length > 0) throw refused(admission, 'node may only request 0 or 1 audiences')
  const wanted = (pod.spec.volumes ?? []).flatMap(({ projected }) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }) =>
      serviceAccountToken === undefined ? [] : [serviceAccountToken.audience ?? ''],
    ),
  )
  if (!wanted.includes(audience)) throw refused(admission, `audience ${JSON.stringify(audience)} not found in pod spec volume`)
}
