import { describe, expect, it } from 'vitest'
import { createTestApi, nodeUser, pod } from '../testing/api.ts'

const pods = '/api/v1/namespaces/default/pods'
const services = '/api/v1/namespaces/default/services'
const service = (name: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }], selector: { app: name }, ...spec },
})

describe('namespaces', () => {
  it('the first namespaces are there and cannot be deleted', async () => {
    const { json } = await createTestApi()
    expect((await json('GET', '/api/v1/namespaces/kube-node-lease')).code).toBe(200)
    for (const name of ['default', 'kube-system', 'kube-public'])
      expect(await json('DELETE', `/api/v1/namespaces/${name}`)).toMatchObject({ code: 403, body: { reason: 'Forbidden' } })
  })

  it('a deleted namespace takes nothing new, and goes when it is finalized', async () => {
    const { json } = await createTestApi()
    await json('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } } })
    const marked = await json('DELETE', '/api/v1/namespaces/n')
    expect(marked.body).toMatchObject({ status: { phase: 'Terminating' }, metadata: { deletionTimestamp: expect.any(String) } })
    const refused = await json('POST', '/api/v1/namespaces/n/pods', { body: pod('p') })
    expect(refused).toMatchObject({ code: 403, body: { details: { causes: [{ reason: 'NamespaceTerminating' }] } } })
    expect(refused.body.message).toContain('because it is being terminated')
    const finalized = { ...marked.body, spec: { finalizers: [] } }
    expect((await json('PUT', '/api/v1/namespaces/n/finalize', { body: finalized })).code).toBe(200)
    expect((await json('GET', '/api/v1/namespaces/n')).code).toBe(404)
  })
})

describe('a namespace that ends while something is made in it', () => {
  it('takes nothing any more: what was decided before is decided again where it is written', async () => {
    const { json, store } = await createTestApi()
    await json('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } } })
    const [ended, ...made] = await Promise.all([
      json('DELETE', '/api/v1/namespaces/n'),
      ...Array.from({ length: 5 }, (_, i) => json('POST', '/api/v1/namespaces/n/pods', { body: pod(`p${i}`) })),
    ])
    expect(ended.body.metadata.deletionTimestamp).toBeDefined()
    const marked = store.get('/core/namespaces/n')?.revision ?? 0
    for (const { code, body } of made)
      if (code === 201) expect(Number(body.metadata.resourceVersion)).toBeLessThan(marked)
      else expect(body).toMatchObject({ details: { causes: [{ reason: 'NamespaceTerminating' }] } })
    expect(made.map(({ code }) => code)).toContain(403)
  })

  it('goes on where only its labels were changed meanwhile', async () => {
    const { json } = await createTestApi()
    await json('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } } })
    const label = { metadata: { labels: { a: 'b' } } }
    const [labelled, made] = await Promise.all([
      json('PATCH', '/api/v1/namespaces/n', { body: label, contentType: 'application/merge-patch+json' }),
      json('POST', '/api/v1/namespaces/n/pods', { body: pod('p') }),
    ])
    expect([labelled.code, made.code]).toEqual([200, 201])
  })
})

describe('pods', () => {
  it('get a service account, a priority and time on a lost node', async () => {
    const { json } = await createTestApi()
    const { body } = await json('POST', pods, { body: pod('p') })
    expect(body.spec).toMatchObject({
      serviceAccountName: 'default',
      priority: 0,
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', operator: 'Exists', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', operator: 'Exists', tolerationSeconds: 300 },
      ],
    })
  })
})

describe('the service account of a pod', () => {
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  const account = (name: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name }, ...more })

  it('must be there: a pod that names another is refused, a Deployment that does is not', async () => {
    const { json } = await createTestApi()
    const named = pod('p', { serviceAccountName: 'not-there' })
    expect(await json('POST', pods, { body: named })).toMatchObject({
      code: 403,
      body: {
        reason: 'Forbidden',
        message: 'pods "p" is forbidden: error looking up service account default/not-there: serviceaccount "not-there" not found',
      },
    })
    expect((await json('POST', pods, { body: pod('p', { serviceAccount: 'not-there' }) })).code).toBe(403)
    await json('POST', accounts, { body: account('not-there') })
    expect((await json('POST', pods, { body: named })).code).toBe(201)
  })

  it('default may still be on its way', async () => {
    const { json } = await createTestApi()
    expect((await json('GET', `${accounts}/default`)).code).toBe(404)
    expect((await json('POST', pods, { body: pod('p') })).code).toBe(201)
  })

  it('gives its pull secrets to a pod that has none of its own, and a PUT need not know of them', async () => {
    const { json } = await createTestApi()
    await json('POST', accounts, { body: account('a', { imagePullSecrets: [{ name: 'x' }, { name: 'y' }] }) })
    await json('POST', accounts, { body: account('default', { imagePullSecrets: [{ name: 'z' }] }) })
    const made = async (name: string, spec: object) =>
      (await json('POST', pods, { body: pod(name, { ...spec }) })).body.spec.imagePullSecrets
    expect(await made('p', { serviceAccountName: 'a' })).toEqual([{ name: 'x' }, { name: 'y' }])
    expect(await made('q', { serviceAccountName: 'a', imagePullSecrets: [{ name: 'own' }] })).toEqual([{ name: 'own' }])
    expect(await made('r', { imagePullSecrets: [] })).toEqual([{ name: 'z' }])
    expect((await json('PUT', `${pods}/p`, { body: pod('p', { serviceAccountName: 'a' }) })).code).toBe(200)
  })
})

describe('an account that enforces its mountable secrets', () => {
  const made = async (spec: object, metadata: Record<string, unknown> = {}) => {
    const { json } = await createTestApi()
    const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' }
    const account = { secrets: [{ name: 'mine' }], imagePullSecrets: [{ name: 'pull' }] }
    await json('POST', '/api/v1/namespaces/default/serviceaccounts', {
      body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bound', annotations }, ...account },
    })
    return json('POST', pods, { body: pod('p', { serviceAccountName: 'bound', ...spec }, metadata) })
  }
  const main = (more: object) => ({ containers: [{ name: 'main', image: 'busybox', ...more }] })
  const from = (name: string) => ({ name: 'A', valueFrom: { secretKeyRef: { name, key: 'k' } } })

  it.each([
    ['volume with secret.secretName="other"', { volumes: [{ name: 'v', secret: { secretName: 'other' } }] }],
    ['projected.sources.secret.name="other"', { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'other' } }] } }] }],
    [
      'volume with csi.nodePublishSecretRef.name="other"',
      { volumes: [{ name: 'v', csi: { driver: 'd.example.com', nodePublishSecretRef: { name: 'other' } } }] },
    ],
    [
      'volume with flexVolume.secretRef.name="other"',
      { volumes: [{ name: 'v', flexVolume: { driver: 'example.com/d', secretRef: { name: 'other' } } }] },
    ],
    ['container main with envVar A referencing secret.secretName="other"', main({ env: [from('mine'), from('other')] })],
    ['container main with envFrom', main({ envFrom: [{ secretRef: { name: 'other' } }] })],
    ['init container i with envVar A', { initContainers: [{ name: 'i', image: 'b', env: [from('other')] }] }],
    ['imagePullSecrets[0].name="other"', { imagePullSecrets: [{ name: 'other' }] }],
  ])('refuses another one: %s', async (what, spec) => {
    const { code, body } = await made(spec)
    expect(code).toBe(403)
    expect(body.message).toContain(what)
    expect(body.message).toContain('is not allowed because service account bound does not reference that')
  })

  it('takes its own', async () => {
    const { code, body } = await made({
      ...main({ env: [from('mine')] }),
      volumes: [{ name: 'v', secret: { secretName: 'mine' } }],
    })
    expect(code).toBe(201)
    expect(body.spec.imagePullSecrets).toEqual([{ name: 'pull' }])
  })

  it.each([
    ['account', { volumes: [] }],
    ['secret', { serviceAccountName: '', volumes: [{ name: 'v', secret: { secretName: 'other' } }] }],
    ['secret', { serviceAccountName: '', imagePullSecrets: [{ name: 'other' }] }],
  ])('is not passed by in the name of a mirror pod with an %s', async (what, spec) => {
    const { code, body } = await made(spec, { annotations: { 'kubernetes.io/config.mirror': 'x' } })
    expect(code).toBe(403)
    expect(body.message).toContain(`a mirror pod may not reference ${what === 'account' ? 'service accounts' : 'secrets'}`)
  })
})

describe('service addresses', () => {
  it('every Service gets its own address, also those made at once, and an address comes back with its Service', async () => {
    const { json } = await createTestApi({ serviceCidr: '10.43.0.0/27' })
    const made = await Promise.all(Array.from({ length: 13 }, (_, index) => json('POST', services, { body: service(`s${index}`) })))
    const ips = made.map(({ body }) => body.spec?.clusterIP)
    expect(new Set(ips).size).toBe(13)
    expect(made[0]?.body.spec).toMatchObject({ clusterIPs: [ips[0]], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' })
    for (let index = 13; index < 15; index++) await json('POST', services, { body: service(`s${index}`) })
    const full = await json('POST', services, { body: service('full') })
    expect(full).toMatchObject({ code: 500, body: { message: expect.stringContaining('range is full') } })
    await json('DELETE', `${services}/s0`)
    expect((await json('POST', services, { body: service('again') })).body.spec.clusterIP).toBe(ips[0])
  })

  it('an address asked for is given, refused when taken or foreign, and cannot be changed', async () => {
    const { json } = await createTestApi()
    expect((await json('POST', services, { body: service('dns', { clusterIP: '10.43.0.10' }) })).body.spec.clusterIP).toBe('10.43.0.10')
    const taken = await json('POST', services, { body: service('b', { clusterIP: '10.43.0.10' }) })
    expect(taken).toMatchObject({ code: 422, body: { message: expect.stringContaining('provided IP is already allocated') } })
    expect((await json('POST', services, { body: service('c', { clusterIP: '10.99.0.1' }) })).body.message).toContain(
      'not in the valid range',
    )
    const { body } = await json('PUT', `${services}/dns`, { body: service('dns', { clusterIP: '10.43.0.11' }) })
    expect(body.message).toContain('may not change once set')
    expect((await json('POST', services, { body: service('headless', { clusterIP: 'None' }) })).body.spec.clusterIPs).toEqual(['None'])
  })

  it('a refused or tried Service keeps nothing', async () => {
    const { json } = await createTestApi()
    expect((await json('POST', `${services}?dryRun=All`, { body: service('a', { clusterIP: '10.43.0.20' }) })).code).toBe(201)
    expect((await json('POST', services, { body: { ...service('Bad_Name', { clusterIP: '10.43.0.20' }) } })).code).toBe(422)
    expect((await json('POST', services, { body: service('b', { clusterIP: '10.43.0.20' }) })).code).toBe(201)
  })

  it('node ports are drawn, asked for, kept over updates and never given twice', async () => {
    const { json } = await createTestApi({ nodePortRange: { from: 30_000, to: 30_002 } })
    const first = await json('POST', services, { body: service('a', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }] }) })
    expect(first.body.spec.ports[0].nodePort).toBe(30_001)
    const taken = await json('POST', services, { body: service('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }] }) })
    expect(taken.body.message).toContain('provided port is already allocated')
    const outside = await json('POST', services, { body: service('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }) })
    expect(outside.body.message).toContain('The range of valid ports is 30000-30002')
    const drawn = await json('POST', services, { body: service('b', { type: 'NodePort' }) })
    const { nodePort } = drawn.body.spec.ports[0]
    const updated = await json('PUT', `${services}/b`, {
      body: service('b', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080 }] }),
    })
    expect(updated.body.spec.ports[0]).toMatchObject({ nodePort, targetPort: 8080 })
    const plain = await json('PUT', `${services}/b`, { body: service('b') })
    expect(plain.body.spec.ports[0].nodePort).toBeUndefined()
    expect((await json('POST', services, { body: service('c', { type: 'NodePort', ports: [{ port: 80, nodePort }] }) })).code).toBe(201)
  })
})

describe('a node', () => {
  const node = (name: string, extra: Record<string, unknown> = {}) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, ...extra } })
  const n1 = nodeUser('n1')

  it('registers and changes itself, but no other, and not its taints or the labels that place pods', async () => {
    const { json } = await createTestApi()
    expect((await json('POST', '/api/v1/nodes', { user: n1, body: node('n2') })).code).toBe(403)
    expect((await json('POST', '/api/v1/nodes', { user: n1, body: node('n1', { labels: { 'kubernetes.io/hostname': 'n1' } }) })).code).toBe(
      201,
    )
    await json('POST', '/api/v1/nodes', { body: node('n2') })
    const merge = (url: string, body: unknown) => json('PATCH', url, { user: n1, body, contentType: 'application/merge-patch+json' })
    expect((await merge('/api/v1/nodes/n1/status', { status: { phase: 'Running' } })).code).toBe(200)
    expect((await merge('/api/v1/nodes/n2/status', { status: { phase: 'Running' } })).code).toBe(403)
    const taint = await merge('/api/v1/nodes/n1', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })
    expect(taint.body.message).toContain('is not allowed to modify taints')
    expect((await merge('/api/v1/nodes/n1', { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } })).code).toBe(403)
    expect((await merge('/api/v1/nodes/n1', { metadata: { labels: { 'bramble.io/board': 'pi-5' } } })).code).toBe(200)
    expect((await json('DELETE', '/api/v1/nodes/n1', { user: n1 })).code).toBe(403)
  })

  it('gives itself no owner, neither when it registers nor later, by whatever door: the garbage collector would delete it', async () => {
    const { json } = await createTestApi()
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: '11111111-2222-3333-4444-555555555555' }
    const owned = { metadata: { ownerReferences: [owner] } }
    const refused = { code: 403, body: { message: expect.stringContaining('is not allowed to modify ownerReferences') } }
    expect(await json('POST', '/api/v1/nodes', { user: n1, body: node('n1', owned.metadata) })).toMatchObject(refused)
    await json('POST', '/api/v1/nodes', { user: n1, body: node('n1') })
    const contentType = 'application/merge-patch+json'
    expect(await json('PATCH', '/api/v1/nodes/n1', { user: n1, body: owned, contentType })).toMatchObject(refused)
    await json('PATCH', '/api/v1/nodes/n1/status', { user: n1, body: owned, contentType })
    expect((await json('GET', '/api/v1/nodes/n1')).body.metadata.ownerReferences).toBeUndefined()
  })

  it('does not choose its pod addresses: podCIDR and podCIDRs are what the hub gave it', async () => {
    const { json } = await createTestApi()
    const message = expect.stringContaining('is not allowed to set spec.podCIDR or spec.podCIDRs')
    for (const spec of [{ podCIDR: '10.42.0.0/16' }, { podCIDRs: ['10.42.7.0/24'] }])
      expect(await json('POST', '/api/v1/nodes', { user: n1, body: { ...node('n1'), spec } })).toMatchObject({
        code: 403,
        body: { message },
      })
    expect((await json('POST', '/api/v1/nodes', { user: n1, body: node('n1') })).code).toBe(201)
    const patch = (body: unknown, path = '', user: typeof n1 | undefined = n1) =>
      json('PATCH', `/api/v1/nodes/n1${path}`, { ...(user && { user }), body, contentType: 'application/merge-patch+json' })
    expect(await patch({ spec: { podCIDR: '10.42.7.0/24' } })).toMatchObject({ code: 403, body: { message } })
    expect(await patch({ spec: { podCIDRs: ['10.42.7.0/24'] } })).toMatchObject({ code: 403, body: { message } })
    await patch({ spec: { podCIDR: '10.42.7.0/24' } }, '/status')
    expect((await json('GET', '/api/v1/nodes/n1')).body.spec?.podCIDR).toBeUndefined()
    expect(
      (
        await json('PATCH', '/api/v1/nodes/n1', {
          body: { spec: { podCIDR: '10.42.1.0/24' } },
          contentType: 'application/merge-patch+json',
        })
      ).code,
    ).toBe(200)
    expect((await patch({ metadata: { labels: { 'bramble.io/board': 'pi-5' } } })).body.spec.podCIDR).toBe('10.42.1.0/24')
    expect((await patch({ spec: { podCIDR: null, podCIDRs: null } })).code).toBe(403)
  })

  it('is refused a Node of its own of more than 1 MiB, which it could make of labels and taints: they have no bound', async () => {
    const { json } = await createTestApi()
    const domain = Array.from({ length: 4 }, () => 'a'.repeat(60)).join('.')
    const taints = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ key: `${domain}/k${index}`, value: 'v'.repeat(60), effect: 'NoSchedule' }))
    const register = (count: number) =>
      json('POST', '/api/v1/nodes', { user: n1, body: { ...node('n1'), spec: { taints: taints(count) } } })
    const message = expect.stringContaining('is not allowed to make its own Node larger than 1024 KiB')
    expect(await register(4000)).toMatchObject({ code: 403, body: { message } })
    expect((await register(100)).code).toBe(201)
    const labels = Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`${domain}/k${index}`, 'v'.repeat(60)]))
    const body = { metadata: { labels } }
    const labelled = await json('PATCH', '/api/v1/nodes/n1', { user: n1, body, contentType: 'application/merge-patch+json' })
    expect(labelled).toMatchObject({ code: 403, body: { message } })
  })

  it('is refused more than 50 images in its status, by name', async () => {
    const { json } = await createTestApi()
    await json('POST', '/api/v1/nodes', { user: n1, body: node('n1') })
    const body = { status: { images: Array.from({ length: 20_000 }, () => ({})) } }
    const refused = await json('PATCH', '/api/v1/nodes/n1/status', { user: n1, body, contentType: 'application/merge-patch+json' })
    expect(refused).toMatchObject({
      code: 422,
      body: { reason: 'Invalid', message: expect.stringContaining('status.images: Too many: 20000') },
    })
  })

  it('is refused a status of more than 512 KiB for a pod, by every way to write one, and has room for the last words of sixty containers', async () => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('p', { nodeName: 'n1' }) })
    const terminated = { exitCode: 1, message: 'x'.repeat(4096) }
    const status = (containers: number) => ({
      containerStatuses: Array.from({ length: containers }, (_, index) => ({
        name: `c${index}`,
        image: 'b:1',
        imageID: '',
        ready: false,
        restartCount: 1,
        state: { terminated },
        lastState: { terminated },
      })),
    })
    const write = async (containers: number, user = n1) => [
      await json('PATCH', `${pods}/p/status`, {
        user,
        body: { status: status(containers) },
        contentType: 'application/strategic-merge-patch+json',
      }),
      await json('PUT', `${pods}/p/status`, { user, body: { ...pod('p', { nodeName: 'n1' }), status: status(containers) } }),
    ]
    expect((await write(60)).map(({ code }) => code)).toEqual([200, 200])
    const message = expect.stringContaining('is not allowed to make the status of a pod larger than 512 KiB')
    for (const answer of await write(64)) expect(answer).toMatchObject({ code: 403, body: { message } })
    expect((await json('GET', `${pods}/p`)).body.status.containerStatuses).toHaveLength(60)
  })

  it('sees and reports its own pods only, and reads the secrets that they name', async () => {
    const { json } = await createTestApi()
    const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { k: 'v' } })
    for (const name of ['mine', 'other']) await json('POST', '/api/v1/namespaces/default/secrets', { body: secret(name) })
    await json('POST', pods, { body: pod('p', { nodeName: 'n1', volumes: [{ name: 's', secret: { secretName: 'mine' } }] }) })
    await json('POST', pods, { body: pod('q', { nodeName: 'n2' }) })

    const refused = await json('GET', `${pods}/q`, { user: n1 })
    expect(refused).toMatchObject({ code: 403, body: { reason: 'Forbidden', details: { name: 'q', kind: 'pods' } } })
    expect(refused.body.message).toContain(
      'pods "q" is forbidden: User "system:node:n1" cannot get resource "pods" in API group "" in the namespace "default"',
    )
    expect((await json('GET', `${pods}/p`, { user: n1 })).code).toBe(200)
    expect((await json('GET', '/api/v1/pods', { user: n1 })).code).toBe(403)
    const list = await json('GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1', { user: n1 })
    expect(list.body.items).toHaveLength(1)
    expect((await json('GET', '/api/v1/namespaces/default/secrets/mine', { user: n1 })).code).toBe(200)
    expect((await json('GET', '/api/v1/namespaces/default/secrets/other', { user: n1 })).code).toBe(403)
    expect((await json('GET', '/api/v1/namespaces/default/secrets', { user: n1 })).code).toBe(403)

    const status = { status: { phase: 'Running' } }
    const patch = (name: string) =>
      json('PATCH', `${pods}/${name}/status`, { user: n1, body: status, contentType: 'application/merge-patch+json' })
    expect((await patch('p')).body.status.phase).toBe('Running')
    expect((await patch('q')).code).toBe(403)
    expect((await json('PATCH', `${pods}/p`, { user: n1, body: status, contentType: 'application/merge-patch+json' })).code).toBe(403)
    const now = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 }
    expect((await json('DELETE', `${pods}/p`, { user: n1, body: now })).code).toBe(200)
    expect((await json('GET', '/api/v1/namespaces/default/secrets/mine', { user: n1 })).code).toBe(403)
    expect((await patch('p')).code).toBe(404)
    expect((await json('DELETE', `${pods}/p`, { user: n1, body: now })).code).toBe(404)
    expect((await json('DELETE', `${pods}/q`, { user: n1, body: now })).code).toBe(403)
  })

  it('does not get around its limits by a selector that can be read in two ways', async () => {
    const { json } = await createTestApi()
    await json('POST', '/api/v1/namespaces/default/secrets', { body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other' } } })
    await json('POST', pods, { body: pod('p', { nodeName: 'n1', imagePullSecrets: [{ name: 'mine' }] }) })
    const list = (path: string, selector: string) => json('GET', `${path}?fieldSelector=${encodeURIComponent(selector)}`, { user: n1 })
    const secrets = '/api/v1/namespaces/default/secrets'
    expect((await list(secrets, 'metadata.name=mine')).code).toBe(200)
    for (const selector of ['type!=a\\,metadata.name=mine', 'metadata.name!=mine', 'metadata.name=other', ''])
      expect((await list(secrets, selector)).code, selector).toBe(403)
    for (const selector of ['metadata.name!=a\\,spec.nodeName=n1', 'spec.nodeName!=n1', 'spec.nodeName=n2', 'spec.nodeName'])
      expect((await list('/api/v1/pods', selector)).code, selector).toBe(403)
    expect((await list('/api/v1/pods', 'metadata.name=x,spec.nodeName==n1')).code).toBe(200)
  })

  it('has its own lease, and nobody else is asked for', async () => {
    const { json } = await createTestApi()
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
    const lease = (name: string) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name },
      spec: { holderIdentity: name },
    })
    expect((await json('POST', leases, { user: n1, body: lease('n1') })).code).toBe(201)
    expect((await json('POST', leases, { user: n1, body: lease('n2') })).code).toBe(403)
    expect((await json('GET', '/apis/apps/v1/deployments', { user: n1 })).code).toBe(403)
    expect((await json('GET', '/api/v1/services', { user: n1 })).code).toBe(200)
    const pretender = { name: 'system:node:n1', groups: ['system:authenticated'] }
    expect((await json('GET', '/api/v1/services', { user: pretender })).code).toBe(403)
  })
})
