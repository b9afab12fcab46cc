import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'
import { exampleOf } from '../testing/examples.ts'
import { type Kubectl, startKubectl } from '../testing/kubectl.ts'

/** Of the groups whose kinds are stored for others to read: as kubectl prints them. */
const printed: readonly (readonly [resource: string, header: string])[] = [
  ['roles', 'NAME CREATED AT'],
  ['clusterroles', 'NAME CREATED AT'],
  ['rolebindings', 'NAME ROLE AGE'],
  ['clusterrolebindings', 'NAME ROLE AGE'],
  ['storageclasses', 'NAME PROVISIONER RECLAIMPOLICY VOLUMEBINDINGMODE ALLOWVOLUMEEXPANSION AGE'],
  ['volumeattachments', 'NAME ATTACHER PV NODE ATTACHED AGE'],
  ['csidrivers', 'NAME ATTACHREQUIRED PODINFOONMOUNT STORAGECAPACITY TOKENREQUESTS REQUIRESREPUBLISH MODES AGE'],
  ['csinodes', 'NAME DRIVERS AGE'],
  ['csistoragecapacities', 'NAME STORAGECLASSNAME CAPACITY'],
  ['volumeattributesclasses', 'NAME DRIVERNAME AGE'],
  ['priorityclasses', 'NAME VALUE GLOBAL-DEFAULT AGE PREEMPTIONPOLICY'],
  ['runtimeclasses', 'NAME HANDLER AGE'],
  ['certificatesigningrequests', 'NAME AGE SIGNERNAME REQUESTOR REQUESTEDDURATION CONDITION'],
  ['mutatingwebhookconfigurations', 'NAME WEBHOOKS AGE'],
  ['validatingwebhookconfigurations', 'NAME WEBHOOKS AGE'],
  ['mutatingadmissionpolicies', 'NAME MUTATIONS PARAMKIND AGE'],
  ['mutatingadmissionpolicybindings', 'NAME POLICYNAME PARAMREF AGE'],
  ['validatingadmissionpolicies', 'NAME VALIDATIONS PARAMKIND AGE'],
  ['validatingadmissionpolicybindings', 'NAME POLICYNAME PARAMREF AGE'],
  ['apiservices', 'NAME SERVICE AVAILABLE AGE'],
  ['events.events.k8s.io', 'LAST SEEN TYPE REASON OBJECT MESSAGE'],
]
const groups = [
  ...['rbac.authorization.k8s.io', 'storage.k8s.io', 'scheduling.k8s.io', 'node.k8s.io', 'certificates.k8s.io'],
  ...['admissionregistration.k8s.io', 'events.k8s.io'],
]
const made = kinds.filter(({ group }) => groups.includes(group))

describe('real kubectl and the kinds that are kept for others', () => {
  let running: Kubectl
  beforeAll(async () => {
    running = await startKubectl()
  }, 60_000)
  afterAll(() => running[Symbol.asyncDispose]())
  const kubectl: Kubectl['kubectl'] = (args, stdin) => running.kubectl(args, stdin)

  it('prints one of each under the columns that its users know', async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: made.map((kind) => exampleOf(kind, 'one')) }
    const text = JSON.stringify(list)
    const applied = await kubectl(['apply', '-f', '-'], text)
    expect(applied).toMatchObject({ code: 0 })
    expect(applied.out.trim().split('\n')).toHaveLength(made.length)
    expect(applied.err.match(/StorageClass: is not acted on by this version: no driver is asked for storage yet/g)).toHaveLength(1)
    for (const [resource, header] of printed) {
      const { out, err } = await kubectl(['get', resource])
      expect(out.split('\n')[0]?.replace(/ {2,}/g, ' ').trim(), err).toBe(header)
    }
  }, 120_000)

  it('makes roles, bindings and classes by its own commands', async () => {
    const told = async (...args: string[]) => {
      const { out, err } = await kubectl(args)
      return out === '' ? err : out
    }
    expect(await told('create', 'role', 'r', '--verb=get', '--resource=pods')).toBe('role.rbac.authorization.k8s.io/r created\n')
    expect(await told('create', 'clusterrole', 'c', '--verb=get', '--non-resource-url=/healthz')).toContain('/c created')
    expect(await told('create', 'rolebinding', 'b', '--role=r', '--user=jo', '--serviceaccount=default:ci')).toContain('/b created')
    expect(await told('get', 'rolebinding', 'b', '-o', 'wide')).toMatch(/b +Role\/r +\d+s +jo +default\/ci/)
    expect(await told('create', 'clusterrolebinding', 'b', '--clusterrole=c', '--group=devs')).toContain('/b created')
    expect(await told('create', 'priorityclass', 'high', '--value=1000', '--description=x')).toContain('/high created')
    expect(await told('describe', 'role', 'r')).toMatch(/pods +\[\] +\[\] +\[get\]/)
  }, 60_000)

  it('approves a request for a certificate', async () => {
    const request = made.find(({ kind }) => kind === 'CertificateSigningRequest')
    if (request === undefined) throw new Error('requests for certificates are a kind')
    await kubectl(['create', '-f', '-'], JSON.stringify(exampleOf(request, 'jo')))
    expect((await kubectl(['get', 'csr', 'jo'])).out).toMatch(/jo +\d+s +example.com\/signer +bramble:admin +<none> +Pending/)
    expect((await kubectl(['certificate', 'approve', 'jo'])).out).toContain('certificatesigningrequest.certificates.k8s.io/jo approved')
    expect((await kubectl(['get', 'csr', 'jo'])).out).toMatch(/Approved\n$/)
  }, 60_000)

  it('is told of the groups that there are, of rights, and of what is not there', async () => {
    expect((await kubectl(['get', 'apiservices'])).out).toMatch(/v1\.apps +Local +True/)
    expect((await kubectl(['auth', 'can-i', '--list'])).out).toMatch(/\*\.\* +\[\] +\[\] +\[\*\]/)
    expect((await kubectl(['top', 'nodes'])).err).toBe('error: metrics not available yet\n')
    expect((await kubectl(['create', 'token', 'default'])).err).toContain('not found')
  }, 60_000)
})
