import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { CertificateSigningRequest } from '@bramble/shared/kinds/certificate-signing-request.ts'
import { objectFromBody } from '../bodies/object-body.ts'
import { cloneJson } from '../json.ts'
import { changeObject, changedResponse } from '../verbs/change.ts'
import { get } from '../verbs/get.ts'
import { patchWithin } from '../verbs/patch.ts'
import { defineSubresource } from '../routes/subresource.ts'

/** Says that a request for a certificate is approved or denied: its conditions, and nothing else of it. */
export const approval = defineSubresource({
  name: 'approval',
  verbs: {
    get,
    async update(call) {
      const body = objectFromBody(call) as CertificateSigningRequest // only requests have this subresource
      const next = (previous: KubeObject): KubeObject => withConditionsOf(cloneJson(body), previous as CertificateSigningRequest)
      return changedResponse(call, await changeObject(call, { scope: 'status', next }))
    },
    patch: (call) => patchWithin(call, 'status'),
  },
})

function withConditionsOf(next: CertificateSigningRequest, { status: before }: CertificateSigningRequest): CertificateSigningRequest {
  const conditions = next.status?.conditions
  next.status = { ...cloneJson(before ?? {}), ...(conditions !== undefined && { conditions }) }
  if (conditions === undefined) delete next.status.conditions
  return next
}
