/** What a request for a certificate asks for (PKCS #10, and the usages beside it in its CertificateSigningRequest). */
export type Requested = {
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly names: readonly string[]
  readonly addresses: readonly string[]
  readonly emails: readonly string[]
  readonly uris: readonly string[]
  readonly usages: readonly string[]
}

/** Why a signer does not sign it, in the words of Kubernetes; undefined when it does. */
type Rule = (requested: Requested) => string | undefined

const clientUsages: Rule = ({ usages }) =>
  usages.includes('client auth') && usages.every((usage) => ['client auth', 'digital signature', 'key encipherment'].includes(usage))
    ? undefined
    : 'usages did not match [client auth] with digital signature and key encipherment at most'

/** Refused at the door as well; here it is read as it will stand in the certificate, however the request has it encoded. */
const noMasters: Rule = ({ organizations }) =>
  organizations.includes('system:masters') ? 'subject organization system:masters is not allowed' : undefined

const exactly = (usages: readonly string[], purpose: string): string | undefined => {
  const rest = usages.filter((usage) => usage !== 'key encipherment').toSorted()
  return rest.length === 2 && rest.includes('digital signature') && rest.includes(purpose)
    ? undefined
    : `usages did not match [digital signature key encipherment ${purpose}]`
}

const ofNode: Rule = ({ commonName, organizations }) =>
  organizations.length !== 1 || organizations[0] !== 'system:nodes'
    ? 'subject organization is not system:nodes'
    : commonName.startsWith('system:node:')
      ? undefined
      : 'subject common name does not begin with system:node: '

const first =
  (...rules: readonly Rule[]): Rule =>
  (requested) => {
    for (const rule of rules) {
      const why = rule(requested)
      if (why !== undefined) return why
    }
    return undefined
  }

const without =
  (field: 'names' | 'addresses' | 'emails' | 'uris', what: string): Rule =>
  (requested) =>
    requested[field].length > 0 ? `${what} subjectAltNames are not allowed` : undefined

/** The signers of Kubernetes, and what each signs. A certificate of theirs opens no door that its name's rights do not. */
export const signers = {
  'kubernetes.io/kube-apiserver-client': first(noMasters, clientUsages),
  'kubernetes.io/kube-apiserver-client-kubelet': first(
    ofNode,
    without('names', 'DNS'),
    without('emails', 'email'),
    without('addresses', 'IP'),
    without('uris', 'URI'),
    ({ usages }) => exactly(usages, 'client auth'),
  ),
  'kubernetes.io/kubelet-serving': first(
    ofNode,
    ({ names, addresses }) => (names.length + addresses.length === 0 ? 'at least one DNS or IP subjectAltName is required' : undefined),
    without('emails', 'email'),
    without('uris', 'URI'),
    ({ usages }) => exactly(usages, 'server auth'),
  ),
} as const satisfies Readonly<Record<string, Rule>>

export type SignerName = keyof typeof signers

export const isSigner = (name: string): name is SignerName => Object.hasOwn(signers, name)
