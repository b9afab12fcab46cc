import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@bramble/shared/clock.ts'
import { certificateSigningRequests } from '@bramble/shared/kinds/certificate-signing-request.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { type ValidatingAdmissionPolicy, validatingAdmissionPolicies } from '@bramble/shared/kinds/validating-admission-policy.ts'
import { validatingAdmissionPolicyBindings } from '@bramble/shared/kinds/validating-admission-policy-binding.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub, until } from '../../client/test-hub.ts'
import { type CertificateAuthority, openCa } from '../../identity/authority/ca.ts'
import { requestAuthority } from '../../identity/authority/request-authority.ts'
import { signing } from '../../identity/authority/signing.ts'
import { type Asked, requestFor } from '../testing/certificate-requests.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = { clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16', hubAddresses: () => [], hubPort: 6443, rootCa: 'ca' }

let folder: string
let ca: CertificateAuthority
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signing-'))
  ca = await openCa({ dir: folder, signer: signing, clock: systemClock })
})
afterAll(() => rmSync(folder, { recursive: true }))

const approve = (hub: TestHub, name: string, type: 'Approved' | 'Denied' = 'Approved') =>
  hub.client.patch(
    certificateSigningRequests,
    { name },
    {
      type: 'application/merge-patch+json',
      body: { status: { conditions: [{ type, status: 'True', reason: 'ByHand', message: 'yes' }] } },
    },
    { subresource: 'approval' },
  )

/** What became of it: the certificate, or why there is none. */
async function outcome(hub: TestHub, asked: Asked, name: string): Promise<X509Certificate | string> {
  await hub.client.create(certificateSigningRequests, await requestFor(asked, name))
  await approve(hub, name)
  return until('it is signed or has failed', async () => {
    const { status } = await hub.client.get(certificateSigningRequests, { name })
    const failed = status?.conditions?.find(({ type }) => type === 'Failed')
    if (failed !== undefined) return failed.message ?? ''
    return status?.certificate === undefined ? undefined : new X509Certificate(Buffer.from(status.certificate, 'base64'))
  })
}

const start = async () => {
  const hub = await startTestHub()
  hub.start(controllersOf(hub, { config, authority: requestAuthority(ca, () => ['hub.local', '10.43.0.1']) }))
  return hub
}

const serving = { signer: 'kubelet-serving', usages: ['digital signature', 'server auth'] }
const kubelet = { signer: 'kube-apiserver-client-kubelet', usages: ['digital signature', 'client auth'] }

it('what was approved is signed by the CA of the cluster, for the names, the use and the time that were asked for', async () => {
  await using hub = await start()
  const certificate = await outcome(hub, { subject: 'O=dev,O=ops,CN=jo', seconds: 3600 }, 'jo')
  if (typeof certificate === 'string') throw new Error(certificate)
  expect(certificate.subject.split('\n')).toEqual(['O=dev', 'O=ops', 'CN=jo'])
  expect(ca.hasIssued(certificate)).toBe(true)
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  const seconds = (Date.parse(certificate.validTo) - Date.now()) / 1000
  expect(seconds).toBeGreaterThan(3000)
  expect(seconds).toBeLessThanOrEqual(3600)
})

it('a node serves under its own names, a year at most', async () => {
  await using hub = await start()
  const asked = { subject: 'O=system:nodes,CN=system:node:a', hosts: ['a.local', '10.1.1.1'], ...serving, seconds: 2_000_000_000 }
  const certificate = await outcome(hub, asked, 'a')
  if (typeof certificate === 'string') throw new Error(certificate)
  expect(certificate.checkHost('a.local')).toBe('a.local')
  expect(certificate.checkIP('10.1.1.1')).toBe('10.1.1.1')
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(Date.parse(certificate.validTo)).toBeLessThanOrEqual(Date.now() + 365.25 * 86_400_000)
})

describe('what breaks the rules of its signer has failed for good', () => {
  const node = 'O=system:nodes,CN=system:node:a'
  it.each<[string, Asked, string]>([
    ['a client that wants to serve', { subject: 'CN=jo', usages: ['client auth', 'server auth'] }, 'usages did not match'],
    ['a kubelet of another group', { subject: 'O=other,CN=system:node:a', ...kubelet }, 'subject organization is not system:nodes'],
    ['a kubelet of one group more', { subject: 'O=system:nodes,O=dev,CN=system:node:a', ...kubelet }, 'subject organization is not'],
    ['a kubelet of another name', { subject: 'O=system:nodes,CN=jo', ...kubelet }, 'subject common name does not begin with system:node: '],
    ['a kubelet with host names', { subject: node, hosts: ['a'], ...kubelet }, 'DNS subjectAltNames are not allowed'],
    ['a kubelet with addresses', { subject: node, hosts: ['10.1.1.1'], ...kubelet }, 'IP subjectAltNames are not allowed'],
    ['a server without a host', { subject: node, ...serving }, 'at least one DNS or IP subjectAltName is required'],
    ['a server that is a client', { subject: node, hosts: ['a'], ...kubelet, signer: 'kubelet-serving' }, 'usages did not match'],
    ['a server by a name of the hub', { subject: node, hosts: ['Hub.local'], ...serving }, "a name of the hub's own"],
    ['a server by every name beside the hub', { subject: node, hosts: ['*.local'], ...serving }, "a name of the hub's own"],
    ['a server at the address of kubernetes', { subject: node, hosts: ['10.43.0.1'], ...serving }, "a name of the hub's own"],
  ])('%s', async (_, asked, why) => {
    await using hub = await start()
    expect(await outcome(hub, asked, 'bad')).toContain(why)
  })
})

it('what is signed is the request that was judged, whatever stands beside it', async () => {
  await using hub = await start()
  const request = async (subject: string) => `${Buffer.from((await requestFor({ subject }, 'x')).spec.request, 'base64').toString()}\n`
  const [judged, hidden] = [await request('CN=jo'), await request('CN=root')]
  const spaced = judged.replaceAll(/\n(?!-)/g, '\n \t')
  const inOther = hidden.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST')
  for (const [i, text] of [
    `${spaced}${hidden}`,
    `${judged}${hidden}`,
    `# jo's\n${judged}`,
    judged.replaceAll('\n', '\r\n'),
    `${judged}\n${inOther}`,
  ].entries()) {
    const made = await requestFor({ subject: 'CN=x' }, `two-${i}`)
    const spec = { ...made.spec, request: Buffer.from(text).toString('base64') }
    await hub.client.create(certificateSigningRequests, { ...made, spec })
    await approve(hub, `two-${i}`)
    const certificate = await until('it is signed', async () => {
      const { status } = await hub.client.get(certificateSigningRequests, { name: `two-${i}` })
      return status?.certificate === undefined && status?.conditions?.every(({ type }) => type !== 'Failed') !== false
        ? undefined
        : (status?.certificate ?? 'failed')
    })
    expect(new X509Certificate(Buffer.from(certificate, 'base64')).subject).toBe('CN=jo')
  }
})

it('a certificate that a policy keeps out for now has not failed: it comes when the policy has gone', async () => {
  await using hub = await start()
  const metadata = { name: 'no-certificates' }
  const rule = { apiGroups: ['certificates.k8s.io'], apiVersions: ['*'], operations: ['UPDATE'], resources: ['*/status'] }
  await hub.client.create(validatingAdmissionPolicies, {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata },
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: '!has(object.status.certificate)' }] },
  } as ValidatingAdmissionPolicy) // what is left out has defaults
  await hub.client.create(validatingAdmissionPolicyBindings, {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata },
    spec: { policyName: metadata.name, validationActions: ['Deny'] },
  })
  await hub.client.create(certificateSigningRequests, await requestFor({ subject: 'CN=jo' }, 'jo'))
  await approve(hub, 'jo')
  const seen = () => hub.client.get(certificateSigningRequests, { name: 'jo' })
  await until('it was refused', async () => (await hub.client.list(events, {})).items.find(({ reason }) => reason === 'FailedSync'))
  expect((await seen()).status?.conditions?.map(({ type }) => type)).toEqual(['Approved'])
  await hub.client.delete(validatingAdmissionPolicyBindings, metadata)
  const labelled = { metadata: { labels: { again: 'please' } } }
  await hub.client.patch(certificateSigningRequests, { name: 'jo' }, { type: 'application/merge-patch+json', body: labelled })
  await until('it is signed', async () => (await seen()).status?.certificate)
})

it('what is not approved, was denied, or is for a signer of somebody else gets no certificate', async () => {
  await using hub = await start()
  const make = async (name: string, signer?: string) =>
    hub.client.create(certificateSigningRequests, await requestFor({ subject: 'CN=jo', ...(signer !== undefined && { signer }) }, name))
  await make('pending')
  await make('theirs', 'example.com/own')
  await make('denied')
  await approve(hub, 'theirs')
  await approve(hub, 'denied', 'Denied')
  // One that is signed after them: by then they have been looked at.
  expect(await outcome(hub, { subject: 'CN=last' }, 'last')).toBeInstanceOf(X509Certificate)
  for (const name of ['pending', 'denied', 'theirs'])
    expect((await hub.client.get(certificateSigningRequests, { name })).status?.certificate).toBeUndefined()
})
