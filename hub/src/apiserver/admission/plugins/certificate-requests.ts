import { type FieldError, fieldForbidden, fieldInvalid, invalid } from '@bramble/shared/api/api-error.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import {
  type CertificateSigningRequest,
  type CertificateSigningRequestCondition,
  certificateSigningRequests as requests,
} from '@bramble/shared/kinds/certificate-signing-request.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { type Authorizer, decide } from '../../authz/authorizer.ts'
import { checkCertificates, readSigningRequest, requestBytesOf, type SigningRequest } from '@bramble/shared/certificates/signing-request.ts'
import type { RequestVerb } from '../../query/request-info.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'

/**
 * Who asks is whoever sent the request, whatever stands in it. Approved and denied is by way of `/approval`, certificates come by way of
 * `/status`, each for whom the signer's rights allow it, and what was decided or issued stays.
 */
export const certificateRequests = defineAdmission('certificate-requests', ({ authorizers }) => ({
  kinds: [requests],
  admit({ operation, object, origin: { user } }) {
    if (operation !== 'CREATE') return
    const { spec } = object as CertificateSigningRequest // CREATE has it, and it is of that kind
    for (const field of ['uid', 'groups', 'extra'] as const) delete spec[field]
    spec.username = user.name
    if (user.groups.length > 0) spec.groups = [...user.groups]
    if (user.uid !== undefined) spec.uid = user.uid
    if (user.extra !== undefined) spec.extra = Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]]))
  },
  validate(admission) {
    if (admission.operation === 'DELETE') return
    const next = admission.object as CertificateSigningRequest // not a DELETE, and it is of that kind
    if (admission.operation === 'CREATE') return validateRequest(next, admission)
    const previous = admission.previous as CertificateSigningRequest // an update has one
    const errors = errorsOfUpdate(next, previous, admission.origin.subresource)
    if (errors.length > 0) throw invalid(requests, admission.name, errors)
    checkSigner(next, { previous, admission, authorizers })
  },
}))

function validateRequest({ spec }: CertificateSigningRequest, admission: Admission): void {
  let read: SigningRequest
  try {
    read = readSigningRequest(requestBytesOf(Buffer.from(spec.request, 'base64').toString()))
  } catch (error) {
    throw invalid(requests, admission.name, [fieldInvalid('spec.request', spec.request, messageOf(error))])
  }
  if (spec.signerName === 'kubernetes.io/kube-apiserver-client' && read.organizations.includes('system:masters'))
    throw refused(admission, `use of ${spec.signerName} signer with system:masters group is not allowed`)
}

const ofType = ({ status }: CertificateSigningRequest, type: string): readonly CertificateSigningRequestCondition[] =>
  (status?.conditions ?? []).filter((condition) => condition.type === type)

function errorsOfUpdate(next: CertificateSigningRequest, previous: CertificateSigningRequest, way: string | undefined): FieldError[] {
  const field = 'status.conditions'
  return [
    ...['Approved', 'Denied', 'Failed'].flatMap((type) => {
      const [now, before] = [ofType(next, type), ofType(previous, type)]
      if (now.length < before.length) return [fieldForbidden(field, `updates may not remove a condition of type ${JSON.stringify(type)}`)]
      if (way === 'approval' || type === 'Failed') return []
      if (now.length > before.length) return [fieldForbidden(field, `updates may not add a condition of type ${JSON.stringify(type)}`)]
      return isSameJson(now, before) ? [] : [fieldForbidden(field, `updates may not modify a condition of type ${JSON.stringify(type)}`)]
    }),
    ...errorsOfCertificate(next.status?.certificate ?? '', { before: previous.status?.certificate ?? '', way }),
  ]
}

type Issuing = { readonly before: string; readonly way: string | undefined }

function errorsOfCertificate(certificate: string, { before, way }: Issuing): FieldError[] {
  const field = 'status.certificate'
  if (certificate === before) return []
  if (way !== 'status') return [fieldForbidden(field, 'updates may not set certificate content')]
  if (before !== '') return [fieldForbidden(field, 'updates may not modify existing certificate content')]
  try {
    checkCertificates(Buffer.from(certificate, 'base64').toString())
    return []
  } catch (error) {
    return [fieldInvalid(field, '<certificate data>', messageOf(error))]
  }
}

type Asked = {
  readonly previous: CertificateSigningRequest
  readonly admission: Admission
  readonly authorizers: readonly Authorizer[]
}

/** Rights are given for a signer by its name, or for all of a domain. */
function checkSigner(next: CertificateSigningRequest, { previous, admission, authorizers }: Asked): void {
  const { subresource, user } = admission.origin
  const isIssued = subresource === 'status' && next.status?.certificate !== previous.status?.certificate
  const verb = subresource === 'approval' ? 'approve' : isIssued ? 'sign' : undefined
  if (verb === undefined) return
  const { signerName } = previous.spec
  const mayDo = (name: string) => {
    const asked = { type: 'resource', verb: verb as RequestVerb, group: 'certificates.k8s.io', version: 'v1', resource: 'signers' } as const // any word may be asked for
    return decide(authorizers, { user, info: { ...asked, name } }).type === 'allow'
  }
  if (mayDo(signerName) || mayDo(`${signerName.slice(0, signerName.indexOf('/'))}/*`)) return
  throw refused(admission, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`)
}
