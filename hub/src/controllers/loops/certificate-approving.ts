import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import { type CertificateSigningRequest, certificateSigningRequests } from '@bramble/shared/kinds/certificate-signing-request.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { defineController } from '../controller.ts'
import { objectsOf } from '../refusals.ts'

const signerName = 'kubernetes.io/kube-apiserver-client-kubelet'
const firstRetryMs = 1000
/** As Kubernetes' controller, at most: a right that is given later is found by then. */
const maxRetryMs = 1_000_000

/** Rights that make a request approve itself, the narrower first. Nobody has one unless somebody binds it to him. */
const rights = [
  { name: 'selfnodeclient', what: 'self kubelet client', isFor: (node: string, user = '') => node === user },
  { name: 'nodeclient', what: 'kubelet client', isFor: () => true },
] as const

type Review = KubeObject & { readonly spec: object; readonly status?: { readonly allowed?: boolean } }
const reviews: Resource<Review> = {
  ...{ group: 'authorization.k8s.io', version: 'v1', resource: 'subjectaccessreviews', kind: 'SubjectAccessReview', namespaced: false },
}

/**
 * Approves requests for the certificate of a node whose sender has the right to it (Kubernetes: TLS bootstrapping, approval). What the certificate
 * would say is asked of the signer, so that nothing is approved by another reading than it is signed by. All else waits for a person.
 */
export const certificateApproving = defineController({
  name: 'certificate-approving',
  account: 'certificate-controller',
  workers: 1,
  setUp({ client, clock, queue, watch, tellAbout, authority, onStop }) {
    /** How long to wait for a right that is not there yet. */
    const delays = new Map<string, number>()
    onStop(() => delays.clear())
    const onChange = (one: CertificateSigningRequest) => {
      if (isOpen(one)) queue.add(one.metadata.name)
    }
    const lister = watch(certificateSigningRequests, {
      onAdd: onChange,
      onUpdate: onChange,
      onDelete: ({ metadata }) => delays.delete(metadata.name),
    })
    tellAbout(objectsOf(certificateSigningRequests, lister))

    async function has({ username, uid, groups, extra }: CertificateSigningRequest['spec'], right: string, signal: AbortSignal) {
      const { group, resource } = certificateSigningRequests
      const resourceAttributes = { group, resource, version: '*', subresource: right, verb: 'create' }
      const asked: Review = {
        ...{ apiVersion: `${reviews.group}/${reviews.version}`, kind: reviews.kind, metadata: { name: '' } },
        spec: { user: username, uid, groups, extra, resourceAttributes },
      }
      return (await client.create(reviews, asked, { signal })).status?.allowed === true
    }

    /** The user whom the certificate would name; undefined: its signer would not sign it. */
    async function named({ request, usages = [], expirationSeconds }: CertificateSigningRequest['spec']): Promise<string | undefined> {
      const csrPem = Buffer.from(request, 'base64').toString()
      try {
        return await authority?.userIn({ csrPem, signerName, usages, expirationSeconds })
      } catch (error) {
        if (isApiError(error, 'Forbidden') || isApiError(error, 'Invalid')) return undefined
        throw error
      }
    }

    return async (name, signal) => {
      const seen = lister.get(undefined, name)
      if (seen === undefined || !isOpen(seen)) return void delays.delete(name)
      const held: (typeof rights)[number][] = []
      for (const right of rights) if (await has(seen.spec, right.name, signal)) held.push(right)
      // Who has none costs the signer nothing.
      const user = held.length === 0 ? undefined : await named(seen.spec)
      const right = held.find((one) => user !== undefined && one.isFor(user, seen.spec.username))
      if (right === undefined) {
        const delay = delays.get(name) ?? firstRetryMs
        delays.set(name, Math.min(2 * delay, maxRetryMs))
        return queue.addAfter(name, delay)
      }
      const now = formatTime(new Date(clock.now()))
      const approved = {
        ...{ type: 'Approved', status: 'True', reason: 'AutoApproved', lastUpdateTime: now, lastTransitionTime: now },
        message: `Auto approving ${right.what} certificate after SubjectAccessReview.`,
      }
      const status = { ...seen.status, conditions: [...(seen.status?.conditions ?? []), approved] }
      await client.update(certificateSigningRequests, { ...seen, status }, { signal, subresource: 'approval' })
    }
  },
})

function isOpen({ spec, status: { conditions = [], certificate = '' } = {} }: CertificateSigningRequest): boolean {
  return spec.signerName === signerName && certificate === '' && conditions.length === 0
}
