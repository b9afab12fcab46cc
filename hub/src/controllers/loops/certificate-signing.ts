import { isApiError } from '@bramble/shared/api/api-error.ts'
import { type CertificateSigningRequest, certificateSigningRequests } from '@bramble/shared/kinds/certificate-signing-request.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { defineController } from '../controller.ts'
import { objectsOf } from '../refusals.ts'

/**
 * Signs what was approved, for the signers of Kubernetes that are this cluster's own; those of others are left to them. What breaks its
 * signer's rules has failed, for good.
 */
export const certificateSigning = defineController({
  name: 'certificate-signing',
  account: 'certificate-controller',
  workers: 1,
  setUp({ client, clock, queue, watch, tellAbout, authority }) {
    const wants = (one: CertificateSigningRequest) => authority?.signs(one.spec.signerName) === true && isReady(one)
    const onChange = (one: CertificateSigningRequest) => {
      if (wants(one)) queue.add(one.metadata.name)
    }
    const lister = watch(certificateSigningRequests, { onAdd: onChange, onUpdate: onChange })
    tellAbout(objectsOf(certificateSigningRequests, lister))

    return async (name, signal) => {
      const seen = lister.get(undefined, name)
      if (seen === undefined || authority === undefined || !wants(seen)) return
      const { spec, metadata, status } = seen
      const tell = async (told: object): Promise<void> => {
        await client.patch(
          certificateSigningRequests,
          { name },
          { type: 'application/merge-patch+json', body: { metadata: { uid: metadata.uid }, status: told } },
          { signal, subresource: 'status' },
        )
      }
      let pem: string
      try {
        pem = await authority.sign({ ...spec, csrPem: Buffer.from(spec.request, 'base64').toString(), usages: spec.usages ?? [] })
      } catch (error) {
        if (!isApiError(error, 'Forbidden') && !isApiError(error, 'Invalid')) throw error
        const now = formatTime(new Date(clock.now()))
        const failed = {
          ...{ type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: error.message },
          ...{ lastUpdateTime: now, lastTransitionTime: now },
        }
        return tell({ conditions: [...(status?.conditions ?? []), failed] })
      }
      // What the API refuses (a webhook, a policy) says nothing about the request, and is tried again.
      await tell({ certificate: Buffer.from(pem).toString('base64') })
    }
  },
})

function isReady({ status: { conditions = [], certificate = '' } = {} }: CertificateSigningRequest): boolean {
  const is = (wanted: string) => conditions.some(({ type }) => type === wanted)
  return is('Approved') && !is('Denied') && !is('Failed') && certificate === ''
}
