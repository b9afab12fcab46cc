import * as z from 'zod'
import { type FieldError, fieldDuplicate, fieldInvalid, fieldNotSupported, fieldRequired } from '../api/api-error.ts'
import { checkDnsSubdomain } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { formatTime, humanDuration } from '../meta/time.ts'
import { defineKind, type RuleContext } from '../schema/kind.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { bytes, int32, text, textListMap, time } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { duplicatesOf, fieldTooLong } from './rules/field-errors.ts'

const group = 'certificates.k8s.io/v1'

const keyUsage = oneOf(
  ...(['any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only'] as const),
  ...([
    'digital signature',
    'email protection',
    'encipher only',
    'ipsec end system',
    'ipsec tunnel',
    'ipsec user',
    'key agreement',
  ] as const),
  ...(['key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping'] as const),
)

export const certificateSigningRequestSpec = message(`${group}.CertificateSigningRequestSpec`, {
  request: f(1, bytes, { description: 'A PKCS#10 request in PEM, as base64.' }),
  signerName: f(7, text, { description: 'Who is to sign it, such as kubernetes.io/kube-apiserver-client.' }),
  expirationSeconds: opt(8, int32, { description: 'How long the certificate should be good.', ptr: true }),
  usages: opt(5, z.array(keyUsage), { description: 'What the certificate should be good for.', list: 'atomic' }),
  username: opt(2, text, { description: 'Who asks. Given by the server.' }),
  uid: opt(3, text, { description: 'The UID of who asks. Given by the server.' }),
  groups: opt(4, z.array(text), { description: 'The groups of who asks. Given by the server.', list: 'atomic' }),
  extra: opt(6, textListMap, { description: 'What else is known of who asks. Given by the server.' }),
})
export type CertificateSigningRequestSpec = z.infer<typeof certificateSigningRequestSpec>

export const certificateSigningRequestCondition = message(`${group}.CertificateSigningRequestCondition`, {
  type: f(1, text, { description: 'Approved, Denied or Failed.' }),
  status: f(6, text, { description: 'True' }),
  reason: opt(2, text),
  message: opt(3, text),
  lastUpdateTime: opt(4, time, { byValue: true }),
  lastTransitionTime: opt(5, time, { byValue: true }),
})
export type CertificateSigningRequestCondition = z.infer<typeof certificateSigningRequestCondition>

export const certificateSigningRequestStatus = message(`${group}.CertificateSigningRequestStatus`, {
  conditions: opt(1, z.array(certificateSigningRequestCondition), {
    description: 'Whether it was approved or denied, and by whom.',
    list: 'map',
    keys: ['type'],
  }),
  certificate: opt(2, bytes, { description: 'The certificate in PEM, as base64.' }),
})
export type CertificateSigningRequestStatus = z.infer<typeof certificateSigningRequestStatus>

export const certificateSigningRequest = message(`${group}.CertificateSigningRequest`, {
  apiVersion: z.literal(group),
  kind: z.literal('CertificateSigningRequest'),
  metadata: f(1, objectMeta),
  spec: f(2, certificateSigningRequestSpec, { description: 'What is asked for; never changes.' }),
  status: opt(3, certificateSigningRequestStatus, { description: 'What became of it.', byValue: true }),
})
export type CertificateSigningRequest = z.infer<typeof certificateSigningRequest>

export const certificateSigningRequests = defineKind<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  resource: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  namespaced: false,
  schema: certificateSigningRequest,
  description: 'Asks for a certificate, which somebody approves and a signer makes.',
  nameRule: 'path-segment',
  subresources: { status: true, named: ['approval'] },
  columns: [
    nameColumn,
    ageColumn,
    { name: 'SignerName', type: 'string', description: 'Who is to sign it.', cell: ({ spec }) => spec.signerName },
    { name: 'Requestor', type: 'string', description: 'Who asks.', cell: ({ spec }) => spec.username ?? '' },
    {
      name: 'RequestedDuration',
      type: 'string',
      description: 'How long the certificate should be good.',
      cell: ({ spec: { expirationSeconds } }) => (expirationSeconds === undefined ? '<none>' : humanDuration(expirationSeconds * 1000)),
    },
    { name: 'Condition', type: 'string', description: 'What became of it.', cell: ({ status }) => stateOf(status) },
  ],
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
  prepareForCreate(object) {
    delete object.status
  },
  prepareForUpdate(next, previous, context) {
    next.spec = previous.spec
    setTimes(next.status, { before: previous.status?.conditions ?? [], ...context })
  },
  validate: ({ spec, status }) => [
    ...validateUsages(spec.usages ?? []),
    ...validateSignerName(spec.signerName),
    ...((spec.expirationSeconds ?? 600) < 600
      ? [fieldInvalid('spec.expirationSeconds', spec.expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)')]
      : []),
    ...validateConditions(status?.conditions ?? []),
  ],
})

function stateOf({ conditions = [], certificate = '' }: CertificateSigningRequestStatus = {}): string {
  const is = (wanted: string) => conditions.some(({ type }) => type === wanted)
  const decided = is('Denied') ? 'Denied' : is('Approved') ? 'Approved' : 'Pending'
  return `${decided}${is('Failed') ? ',Failed' : ''}${certificate === '' ? '' : ',Issued'}`
}

type Times = Pick<RuleContext, 'now'> & { readonly before: readonly CertificateSigningRequestCondition[] }

function setTimes(status: CertificateSigningRequestStatus | undefined, { before, now }: Times): void {
  for (const condition of status?.conditions ?? []) {
    const known = before.find(({ type, status: was }) => type === condition.type && was === condition.status)
    condition.lastUpdateTime ??= formatTime(now())
    condition.lastTransitionTime ??= known?.lastTransitionTime ?? formatTime(now())
  }
}

const validateUsages = (usages: readonly string[]): FieldError[] => [
  ...(usages.length === 0 ? [fieldRequired('spec.usages')] : []),
  ...duplicatesOf(usages).map((i) => fieldDuplicate(`spec.usages[${i}]`, usages[i])),
]

const longestDomain = 253
const longestSigner = 571

function validateSignerName(name: string): FieldError[] {
  const field = 'spec.signerName'
  if (name === '') return [fieldRequired(field)]
  if (name === 'kubernetes.io/legacy-unknown')
    return [fieldInvalid(field, name, 'the legacy signerName is not allowed via this API version')]
  const [domain = '', path = '', ...more] = name.split('/')
  if (!name.includes('/') || more.length > 0)
    return [fieldInvalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  const labels = path.split('.').map((label) => ({ label, complaints: checkDnsSubdomain(label) }))
  const wrong = labels.find(({ complaints }) => complaints.length > 0)
  return [
    ...(domain.length > longestDomain ? [fieldTooLong(field, longestDomain)] : []),
    ...checkDnsSubdomain(domain).map((complaint) =>
      fieldInvalid(field, domain, `validating label ${JSON.stringify(domain)}: ${complaint}`),
    ),
    ...(domain.includes('.') ? [] : [fieldInvalid(field, domain, 'should be a domain with at least two segments separated by dots')]),
    ...(wrong?.complaints ?? []).map((complaint) =>
      fieldInvalid(field, path, `validating label ${JSON.stringify(wrong?.label)}: ${complaint}`),
    ),
    ...(name.length > longestSigner ? [fieldTooLong(field, longestSigner)] : []),
  ]
}

/** Those that are said once and for all, and never become false. */
const decisions = ['Approved', 'Denied', 'Failed']

function validateConditions(conditions: readonly CertificateSigningRequestCondition[]): FieldError[] {
  const repeated = new Set(duplicatesOf(conditions.map(({ type }) => type)))
  const types = conditions.map(({ type }) => type)
  return conditions.flatMap(({ type, status }, i) => {
    const field = `status.conditions[${i}]`
    const supported = decisions.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined
    return [
      ...(type === '' ? [fieldRequired(`${field}.type`)] : []),
      ...(status === '' ? [fieldRequired(`${field}.status`)] : []),
      ...(status === '' || supported.includes(status) ? [] : [fieldNotSupported(`${field}.status`, status, supported)]),
      ...(other !== undefined && types.slice(0, i).includes(other)
        ? [fieldInvalid(`${field}.type`, type, 'Approved and Denied conditions are mutually exclusive')]
        : []),
      ...(repeated.has(i) ? [fieldDuplicate(`${field}.type`, type)] : []),
    ]
  })
}
