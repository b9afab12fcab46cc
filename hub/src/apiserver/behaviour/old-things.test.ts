import { describe, expect, it } from 'vitest'
import { createTestApi, pod, type Ask, type Json } from '../testing/api.ts'
import { deployment, deployments } from '../testing/apply.ts'

/** What a request is told beside its answer, without the code and the quotes. */
const toldBy = (headers: Readonly<Record<string, string>>): readonly string[] =>
  (headers['warning'] ?? '')
    .split(/(?<="), (?=299)/)
    .filter((line) => line !== '')
    .map((line) => line.replace(/^299 - "(.*)"$/, '$1').replace(/\\(.)/g, '$1'))

async function start() {
  const api = await createTestApi()
  const told = async (url: string, body: Json, options: Ask = {}, method: 'POST' | 'PUT' | 'DELETE' = 'POST') =>
    toldBy((await api.json(method, url, { ...options, ...(body !== undefined && { body }) })).headers)
  return { ...api, told }
}

const pods = '/api/v1/namespaces/default/pods'
const container = { name: 'c', image: 'i' }
const term = { topologyKey: 'a' }

describe('what Kubernetes warns of', () => {
  it.each<[string, Json, string[]]>([
    ['nothing', {}, []],
    [
      'labels of nodes that are called otherwise by now',
      {
        nodeSelector: { 'beta.kubernetes.io/arch': 'arm64' },
        topologySpreadConstraints: [
          { topologyKey: 'failure-domain.beta.kubernetes.io/zone', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} },
        ],
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'beta.kubernetes.io/os', operator: 'Exists' }] }],
            },
          },
        },
      },
      [
        'spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead',
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
        'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
      ],
    ],
    [
      'selectors of no pod',
      { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] } } },
      [
        'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod',
      ],
    ],
    [
      'what is said twice',
      {
        hostAliases: [{ ip: '1.2.3.4' }, { ip: '1.2.3.4' }],
        imagePullSecrets: [{ name: 's' }, { name: 's' }],
        containers: [
          {
            ...container,
            env: [
              { name: 'A', value: '1' },
              { name: 'A', value: '$(A)2' },
              { name: 'A', value: '3' },
            ],
            ports: [{ containerPort: 80 }, { containerPort: 80, name: 'again' }, { containerPort: 80, name: 'host', hostPort: 80 }],
          },
        ],
      },
      [
        'spec.hostAliases[1].ip: duplicate ip "1.2.3.4"',
        'spec.imagePullSecrets[1].name: duplicate name "s"',
        'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply',
        'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
        'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]',
        'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
      ],
    ],
    [
      'numbers that are none',
      { containers: [{ ...container, resources: { requests: { memory: '128m' } } }] },
      ['spec.containers[0].resources.requests[memory]: fractional byte value "128m" is invalid, must be an integer'],
    ],
  ])('in a pod: %s', async (_what, spec, warnings) => {
    const { told } = await start()
    expect(await told(pods, pod('p', spec))).toEqual(warnings)
  })

  it('in a template when it is changed, and the name of a pod that is no host name', async () => {
    const { told, json } = await start()
    expect(await told(pods, pod('a.b'))).toEqual([
      expect.stringMatching(/^metadata\.name: this is used in the Pod's hostname.*DNS label.*: \[/),
    ])
    const made = deployment()
    made.spec.template.spec = {
      ...made.spec.template.spec,
      nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
    } as typeof made.spec.template.spec
    const old = 'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'
    expect(await told(deployments, made)).toEqual([old])
    const { body } = await json('GET', `${deployments}/d`)
    expect(await told(`${deployments}/d`, { ...body, spec: { ...body.spec, replicas: 2 } }, {}, 'PUT')).toEqual([])
  })

  it.each<[string, string, object, string]>([
    [
      'services',
      'Service',
      { spec: { clusterIP: 'None', externalIPs: ['8.8.8.8'], ports: [{ port: 1 }] } },
      'spec.externalIPs is ignored when spec.clusterIP is "None"',
    ],
    [
      'persistentvolumeclaims',
      'PersistentVolumeClaim',
      {
        metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    ],
  ])('in %s', async (resource, kind, { metadata = {}, ...rest }: Json, warning) => {
    const { told } = await start()
    const body = { apiVersion: 'v1', kind, metadata: { name: 'a', ...metadata }, ...rest }
    expect(await told(`/api/v1/namespaces/default/${resource}`, body)).toContain(warning)
  })
})

const batch = '/apis/batch/v1/namespaces/default/jobs'
const job = (name: string) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
})

describe('a deletion that says nothing of the pods', () => {
  it('of a Job leaves them, and says so', async () => {
    const { json, told } = await start()
    await json('POST', batch, { body: job('a') })
    expect(await told(`${batch}/a`, undefined, {}, 'DELETE')).toEqual([
      expect.stringMatching(/^child pods are preserved by default when jobs/),
    ])
    expect((await json('GET', `${batch}/a`)).body.metadata.finalizers).toEqual(['orphan'])
    await json('POST', batch, { body: job('b') })
    expect(await told(`${batch}/b?propagationPolicy=Background`, undefined, {}, 'DELETE')).toEqual([])
    expect((await json('GET', `${batch}/b`)).code).toBe(404)
  })
})

describe('a PUT', () => {
  it('of what says no revision is refused where Kubernetes refuses it, also of its status', async () => {
    const { json } = await start()
    const url = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
    const body = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'a' }, spec: { minAvailable: 1 } }
    expect((await json('POST', url, { body })).code).toBe(201)
    const refused = {
      code: 422,
      body: { message: expect.stringContaining('metadata.resourceVersion: Invalid value: 0: must be specified for an update') },
    }
    expect(await json('PUT', `${url}/a`, { body })).toMatchObject(refused)
    expect(await json('PUT', `${url}/a/status`, { body })).toMatchObject(refused)
  })

  it.each([
    ['/api/v1/namespaces/default/limitranges', 'v1', 'LimitRange', { spec: { limits: [] } }, 201],
    ['/apis/scheduling.k8s.io/v1/priorityclasses', 'scheduling.k8s.io/v1', 'PriorityClass', { value: 1 }, 404],
  ])('to %s makes what is not there only where Kubernetes does', async (url, apiVersion, kind, more, code) => {
    const { json } = await start()
    expect((await json('PUT', `${url}/a`, { body: { apiVersion, kind, metadata: { name: 'a' }, ...more } })).code).toBe(code)
  })
})

it('a lease that asks to be given by somebody is held by whoever takes it', async () => {
  const { json } = await start()
  const body = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'a' },
    spec: { holderIdentity: 'h', strategy: 'OldestEmulationVersion', preferredHolder: 'p' },
  }
  const { body: made } = await json('POST', '/apis/coordination.k8s.io/v1/namespaces/default/leases', { body })
  expect(made.spec).toEqual({ holderIdentity: 'h' })
})
