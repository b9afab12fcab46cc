import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@bramble/shared/clock.ts'
import { certificateSigningRequests } from '@bramble/shared/kinds/certificate-signing-request.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { validatingAdmissionPolicyBindings } from '@bramble/shared/kinds/validating-admission-policy-binding.ts'
import { validatingAdmissionPolicies } from '@bramble/shared/kinds/validating-admission-policy.ts'
import { clusterRoleBindings } from '@bramble/shared/kinds/cluster-role-binding.ts'
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
  folder = mkdtempSync(join(tmpdir(), 'approving-'))
  ca = await openCa({ dir: folder, signer: signing, clock: systemClock })
})
afterAll(() => rmSync(folder, { recursive: true }))

const bootstrapper = { name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:authenticated'] }
const node = { name: 'system:node:a', groups: ['system:nodes', 'system:authenticated'] }
const kubelet = { subject: 'O=system:nodes,CN=system:node:a', signer: 'kube-apiserver-client-kubelet' }
const usages = ['digital signature', 'client auth']

async function start(): Promise<TestHub> {
  const hub = await startTestHub()
  hub.start(controllersOf(hub, { config, authority: requestAuthority(ca, () => []) }))
  await bindRole(hub, 'system:node-bootstrapper', 'system:bootstrappers')
  return hub
}

const bindRole = (hub: TestHub, role: string, group: string) =>
  hub.client.create(clusterRoleBindings, {
    ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: `${role}-${group}` } },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
  })
const bind = (hub: TestHub, right: string, group: string) =>
  bindRole(hub, `system:certificates.k8s.io:certificatesigningrequests:${right}`, group)

const askAs = async (hub: TestHub, user: typeof node, asked: Asked, name: string) =>
  hub.part({ user, manager: 'test' }).create(certificateSigningRequests, await requestFor({ usages, ...asked }, name))
const get = (hub: TestHub, name: string) => hub.client.get(certificateSigningRequests, { name })
const signed = (hub: TestHub, name: string) =>
  until(`${name} has its certificate`, async () => {
    const { status } = await get(hub, name)
    return status?.certificate === undefined
      ? undefined
      : { status, certificate: new X509Certificate(Buffer.from(status.certificate, 'base64')) }
  })
/** One that is approved and comes after the others: by then they have been looked at, for there is one worker. */
const afterAllOthers = async (hub: TestHub) => {
  await askAs(hub, bootstrapper, { ...kubelet, subject: 'O=system:nodes,CN=system:node:last' }, 'zz-last')
  await signed(hub, 'zz-last')
}

it('the certificate of a node is approved for whom somebody has given the right to it, and signed', async () => {
  await using hub = await start()
  await bind(hub, 'nodeclient', 'system:bootstrappers')
  await askAs(hub, bootstrapper, kubelet, 'a')
  const { status, certificate } = await signed(hub, 'a')
  expect(certificate.subject.split('\n')).toEqual(['O=system:nodes', 'CN=system:node:a'])
  expect(status.conditions).toMatchObject([
    { type: 'Approved', reason: 'AutoApproved', message: 'Auto approving kubelet client certificate after SubjectAccessReview.' },
  ])
})

it('a node has its own approved anew, and that of no other', async () => {
  await using hub = await start()
  await bind(hub, 'selfnodeclient', 'system:nodes')
  await askAs(hub, node, kubelet, 'own')
  const { status } = await signed(hub, 'own')
  expect(status.conditions).toMatchObject([{ message: 'Auto approving self kubelet client certificate after SubjectAccessReview.' }])
  // Who is no node asks for one of a node.
  await bind(hub, 'selfnodeclient', 'system:bootstrappers')
  await askAs(hub, bootstrapper, kubelet, 'other')
  await askAs(hub, bootstrapper, { ...kubelet, subject: 'O=system:nodes,CN=system:bootstrap:abcdef' }, 'own-name')
  await bind(hub, 'nodeclient', 'system:masters')
  await askAs(hub, { name: 'root', groups: ['system:masters', 'system:authenticated'] }, kubelet, 'zz-last')
  await signed(hub, 'zz-last')
  for (const name of ['other', 'own-name']) expect((await get(hub, name)).status?.conditions, name).toBeUndefined()
})

it('without such a right nobody is approved, and with one that comes later he is', async () => {
  await using hub = await start()
  await askAs(hub, bootstrapper, kubelet, 'a')
  await until('it was looked at', () => hub.writes.some((write) => write.endsWith('/subjectaccessreviews')) || undefined)
  expect((await get(hub, 'a')).status?.conditions).toBeUndefined()
  await bind(hub, 'nodeclient', 'system:bootstrappers')
  await signed(hub, 'a')
})

describe('what is no certificate of a node waits for a person, whatever right its sender has', () => {
  it.each<[string, Asked]>([
    ['a user', { subject: 'CN=jo', signer: 'kube-apiserver-client', usages: ['client auth'] }],
    ['a node of another signer', { ...kubelet, signer: 'kube-apiserver-client', usages: ['client auth'] }],
    ['an administrator beside', { ...kubelet, subject: 'O=system:nodes,O=system:masters,CN=system:node:a' }],
    ['an administrator by this signer', { ...kubelet, subject: 'O=system:masters,CN=system:node:a' }],
    ['another name', { ...kubelet, subject: 'O=system:nodes,CN=system:admin' }],
    ['two names', { ...kubelet, subject: 'O=system:nodes,CN=system:node:a,CN=system:node:b' }],
    ['no name', { ...kubelet, subject: 'O=system:nodes' }],
    ['a host', { ...kubelet, hosts: ['hub.local'] }],
    ['a server', { ...kubelet, usages: ['digital signature', 'server auth'] }],
    ['a server too', { ...kubelet, usages: [...usages, 'server auth'] }],
    ['a serving node', { ...kubelet, signer: 'kubelet-serving', hosts: ['a'], usages: ['digital signature', 'server auth'] }],
    ["somebody else's signer", { ...kubelet, signer: 'example.com/nodes' }],
  ])('%s', async (_what, asked) => {
    await using hub = await start()
    for (const right of ['nodeclient', 'selfnodeclient']) await bind(hub, right, 'system:bootstrappers')
    await askAs(hub, bootstrapper, asked, 'a')
    await afterAllOthers(hub)
    const { status } = await get(hub, 'a')
    expect([status?.conditions, status?.certificate]).toEqual([undefined, undefined])
    // Nor is it tried: that the signer's own rule would refuse it is the second lock.
    expect(hub.writes.filter((write) => write.endsWith('/a/approval'))).toEqual([])
  })
})

it('what was denied stays denied', async () => {
  await using hub = await start()
  await askAs(hub, bootstrapper, kubelet, 'a')
  const denied = { conditions: [{ type: 'Denied', status: 'True', reason: 'ByHand', message: 'no' }] }
  const patch = { type: 'application/merge-patch+json', body: { status: denied } } as const
  await hub.client.patch(certificateSigningRequests, { name: 'a' }, patch, { subresource: 'approval' })
  await bind(hub, 'nodeclient', 'system:bootstrappers')
  await afterAllOthers(hub)
  expect((await get(hub, 'a')).status).toMatchObject({ conditions: [{ type: 'Denied' }] })
})

it('an approval that is refused is told of in an Event of the request', async () => {
  await using hub = await start()
  await bind(hub, 'nodeclient', 'system:bootstrappers')
  const rule = {
    apiGroups: ['*'],
    apiVersions: ['*'],
    resources: ['certificatesigningrequests/approval'],
    operations: ['UPDATE' as const],
    scope: '*' as const,
  }
  const apiVersion = 'admissionregistration.k8s.io/v1'
  await hub.client.create(validatingAdmissionPolicies, {
    ...{ apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name: 'by-hand' } },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [rule], namespaceSelector: {}, objectSelector: {}, matchPolicy: 'Equivalent' },
      validations: [{ expression: 'false', message: 'nodes are let in by hand' }],
    },
  })
  await hub.client.create(validatingAdmissionPolicyBindings, {
    ...{ apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'by-hand' } },
    spec: { policyName: 'by-hand', validationActions: ['Deny'] },
  })
  await askAs(hub, bootstrapper, kubelet, 'a')
  const told = await until('somebody is told', async () => {
    const { items } = await hub.client.list(events, { fieldSelector: 'involvedObject.name=a' })
    return items.length > 0 && items
  })
  expect(told).toMatchObject([
    {
      ...{ reason: 'FailedSync', type: 'Warning', message: expect.stringContaining('nodes are let in by hand') },
      involvedObject: { kind: 'CertificateSigningRequest', name: 'a' },
    },
  ])
  expect((await get(hub, 'a')).status?.conditions).toBeUndefined()
})
