import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestApi, pod } from '../testing/api.ts'

const inDefault = '/api/v1/namespaces/default'
const pods = `${inDefault}/pods`
const quotas = `${inDefault}/resourcequotas`
const merge = 'application/merge-patch+json'

const stops: AbortController[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort()
})

/** With the part that counts, and one quota that has been counted. */
async function withQuota(hard: Record<string, string>, spec: object = {}) {
  const api = await createTestApi({ clock: systemClock, log: silentLog })
  const stop = new AbortController()
  stops.push(stop)
  void api.server.recount.run(stop.signal)
  await make(api, 'q', hard, spec)
  return api
}
type Api = Awaited<ReturnType<typeof createTestApi>>

async function make({ json, store }: Pick<Api, 'json' | 'store'>, name: string, hard: Record<string, string>, spec: object = {}) {
  const body = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec: { hard, ...spec } }
  const counted = new Promise<void>((resolve) => {
    const watch = store.watch(`/core/resourcequotas/default/${name}`, store.revisionOf('/core/resourcequotas/'), (events) => {
      if (!events.some(({ entry }) => JSON.parse(entry.value.slice(entry.value.indexOf('{'))).status?.hard !== undefined)) return
      watch.close()
      resolve()
    })
  })
  const made = await json('POST', quotas, { body })
  expect([made.code, made.body.status]).toEqual([201, {}])
  await counted
}

const usedOf = async ({ json }: Pick<Api, 'json'>, name = 'q') => (await json('GET', `${quotas}/${name}`)).body.status.used
const withCpu = (cpu: string, extra: object = {}) => ({
  containers: [{ name: 'main', image: 'busybox', resources: { requests: { cpu }, limits: { cpu } } }],
  ...extra,
})
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })

describe('a quota of pods', () => {
  it('is exact under fifty concurrent creators: never more than it allows, and none is counted that is not there', async () => {
    const api = await withQuota({ pods: '20' })
    const made = await Promise.all(Array.from({ length: 50 }, (_, i) => api.json('POST', pods, { body: pod(`p${i}`) })))
    expect(made.filter(({ code }) => code === 201)).toHaveLength(20)
    const refused = made.filter(({ code }) => code !== 201)
    expect(new Set(refused.map(({ code, body }) => `${code} ${body.reason}`))).toEqual(new Set(['403 Forbidden']))
    expect(refused[0]?.body.message).toMatch(
      /^pods "p\d+" is forbidden: exceeded quota: q, requested: pods=1, used: pods=20, limited: pods=20$/,
    )
    expect(await usedOf(api)).toEqual({ pods: '20' })
    expect((await api.json('GET', pods)).body.items).toHaveLength(20)
  })

  it('is written once for all that come together', async () => {
    const api = await withQuota({ pods: '100' })
    const before = api.store.mark().disk
    const posts = Array.from({ length: 16 }, (_, i) => api.json('POST', pods, { body: pod(`p${i}`) }))
    expect((await Promise.all(posts)).every(({ code }) => code === 201)).toBe(true)
    expect(api.store.mark().disk - before).toBeLessThan(32)
  })

  it('tells at once of pods that are gone or have ended, and what is only a status costs nothing', async () => {
    const api = await withQuota({ pods: '2', 'count/pods': '5' })
    for (const name of ['a', 'b']) await api.json('POST', pods, { body: pod(name) })
    expect(await usedOf(api)).toEqual({ pods: '2', 'count/pods': '2' })
    const before = api.store.get('/core/resourcequotas/default/q')?.revision
    const status = (phase: string) => api.json('PATCH', `${pods}/a/status`, { body: { status: { phase } }, contentType: merge })
    await status('Running')
    expect(api.store.get('/core/resourcequotas/default/q')?.revision).toBe(before)
    await status('Succeeded')
    expect(await usedOf(api)).toEqual({ pods: '1', 'count/pods': '2' })
    await api.json('DELETE', `${pods}/b?gracePeriodSeconds=0`)
    expect(await usedOf(api)).toEqual({ pods: '0', 'count/pods': '1' })
    await api.json('DELETE', `${pods}/a?gracePeriodSeconds=0`)
    expect(await usedOf(api)).toEqual({ pods: '0', 'count/pods': '0' })
  })

  it('a refused or a lost create is not counted, and a dry run neither, which is refused all the same', async () => {
    const api = await withQuota({ pods: '1' })
    const twice = await Promise.all([1, 2].map(() => api.json('POST', pods, { body: pod('same') })))
    expect(twice.map(({ code }) => code).sort()).toEqual([201, expect.any(Number)])
    expect(await usedOf(api)).toEqual({ pods: '1' })
    const tried = await api.json('POST', `${pods}?dryRun=All`, { body: pod('x') })
    expect([tried.code, tried.body.message]).toEqual([
      403,
      'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    ])
    await api.json('DELETE', `${pods}/same?gracePeriodSeconds=0`)
    expect((await api.json('POST', `${pods}?dryRun=All`, { body: pod('x') })).code).toBe(201)
    expect(await usedOf(api)).toEqual({ pods: '0' })
  })

  it('says nothing of what is only tried at a pod that is there', async () => {
    const api = await withQuota({ pods: '1', 'requests.cpu': '1' })
    await api.json('POST', pods, { body: pod('p', withCpu('1')) })
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }
    expect((await api.json('POST', `${pods}/p/eviction?dryRun=All`, { body: eviction })).code).toBe(201)
    const target = { kind: 'Node', name: 'n' }
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target }
    expect((await api.json('POST', `${pods}/p/binding?dryRun=All`, { body: binding })).code).toBe(201)
    const status = { body: { status: { phase: 'Running' } }, contentType: merge }
    expect((await api.json('PATCH', `${pods}/p/status?dryRun=All`, status)).code).toBe(200)
  })

  it('counts what was there before it, and again when it is changed', async () => {
    const api = await createTestApi()
    const stop = new AbortController()
    stops.push(stop)
    void api.server.recount.run(stop.signal)
    await Promise.all(['a', 'b'].map((name) => api.json('POST', pods, { body: pod(name, withCpu('100m')) })))
    await make(api, 'q', { pods: '2', 'requests.cpu': '1' })
    expect(await usedOf(api)).toEqual({ pods: '2', 'requests.cpu': '200m' })
    expect((await api.json('POST', pods, { body: pod('c', withCpu('1m')) })).code).toBe(403)
  })

  it('what comes while it is counted for the first time is in the count', async () => {
    const api = await createTestApi()
    const stop = new AbortController()
    stops.push(stop)
    void api.server.recount.run(stop.signal)
    const many = Array.from({ length: 60 }, (_, i) => api.json('POST', pods, { body: pod(`p${i}`) }))
    await make(api, 'q', { pods: '1000' })
    await Promise.all([...many, ...Array.from({ length: 60 }, (_, i) => api.json('POST', pods, { body: pod(`r${i}`) }))])
    expect(await usedOf(api)).toEqual({ pods: '120' })
  })
})

describe('a quota of quotas', () => {
  it('counts itself and the others, refuses one more, and goes when it is deleted', async () => {
    const api = await withQuota({ resourcequotas: '2', 'count/resourcequotas': '5' })
    expect(await usedOf(api)).toEqual({ resourcequotas: '1', 'count/resourcequotas': '1' })
    await make(api, 'other', { pods: '1' })
    const body = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'third' }, spec: { hard: { pods: '1' } } }
    expect((await api.json('POST', quotas, { body })).code).toBe(403)
    expect((await api.json('DELETE', `${quotas}/other`)).code).toBe(200)
    expect(await usedOf(api)).toEqual({ resourcequotas: '1', 'count/resourcequotas': '1' })
    expect((await api.json('DELETE', `${quotas}/q`)).code).toBe(200)
    expect((await api.json('GET', `${quotas}/q`)).code).toBe(404)
  })
})

describe('what pods ask for', () => {
  it('must be said where it is counted, and is summed', async () => {
    const api = await withQuota({ 'requests.cpu': '1', 'limits.memory': '1Gi', 'requests.ephemeral-storage': '1Gi' })
    const silent = await api.json('POST', pods, { body: pod('p', withCpu('100m')) })
    expect(silent.body.message).toBe('pods "p" is forbidden: failed quota: q: must specify limits.memory for: main')
    const both = await api.json('POST', pods, {
      body: pod('p', {
        containers: [
          { name: 'b', image: 'x' },
          { name: 'a', image: 'x' },
        ],
      }),
    })
    expect(both.body.message).toBe('pods "p" is forbidden: failed quota: q: must specify limits.memory for: a,b; requests.cpu for: a,b')
    const big = (cpu: string) => ({
      containers: [{ name: 'main', image: 'x', resources: { requests: { cpu }, limits: { memory: '300Mi' } } }],
    })
    expect((await api.json('POST', pods, { body: pod('a', big('600m')) })).code).toBe(201)
    expect(await usedOf(api)).toEqual({ 'requests.cpu': '600m', 'limits.memory': '300Mi', 'requests.ephemeral-storage': '0' })
    expect((await api.json('POST', pods, { body: pod('b', big('500m')) })).body.message).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    )
  })

  it('a resize is held to it', async () => {
    const api = await withQuota({ 'limits.cpu': '1' })
    await api.json('POST', pods, { body: pod('p', withCpu('500m')) })
    const resize = (cpu: string) =>
      api.json('PATCH', `${pods}/p/resize`, {
        body: { spec: { containers: [{ name: 'main', resources: { requests: { cpu }, limits: { cpu } } }] } },
        contentType: 'application/strategic-merge-patch+json',
      })
    expect((await resize('1500m')).body.message).toBe(
      'pods "p" is forbidden: exceeded quota: q, requested: limits.cpu=1, used: limits.cpu=500m, limited: limits.cpu=1',
    )
    expect((await resize('800m')).code).toBe(200)
    expect(await usedOf(api)).toEqual({ 'limits.cpu': '800m' })
  })
})

describe('scopes', () => {
  const scoped = (scopeName: string, operator = 'Exists', values?: readonly string[]) => ({
    scopeSelector: { matchExpressions: [{ scopeName, operator, ...(values && { values }) }] },
  })
  type Spec = Record<string, unknown>
  const cases: readonly [string, object, Spec, Spec][] = [
    ['Terminating', { scopes: ['Terminating'] }, { activeDeadlineSeconds: 5 }, {}],
    ['NotTerminating', { scopes: ['NotTerminating'] }, {}, { activeDeadlineSeconds: 5 }],
    ['BestEffort', { scopes: ['BestEffort'] }, {}, withCpu('1m')],
    ['NotBestEffort', scoped('NotBestEffort'), withCpu('1m'), {}],
    ['PriorityClass', scoped('PriorityClass', 'In', ['system-node-critical']), { priorityClassName: 'system-node-critical' }, {}],
    ['no PriorityClass', scoped('PriorityClass', 'DoesNotExist'), {}, { priorityClassName: 'system-node-critical' }],
    [
      'CrossNamespacePodAffinity',
      scoped('CrossNamespacePodAffinity'),
      {
        affinity: {
          podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a', namespaces: ['b'], labelSelector: {} }] },
        },
      },
      { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a', labelSelector: {} }] } } },
    ],
  ]
  it.each(cases)('%s: what is in it is counted, and nothing else', async (_name, scopes, inside, outside) => {
    const api = await withQuota({ pods: '1' }, scopes)
    expect((await api.json('POST', pods, { body: pod('in', inside) })).code).toBe(201)
    expect(await usedOf(api)).toEqual({ pods: '1' })
    expect((await api.json('POST', pods, { body: pod('in2', inside) })).code).toBe(403)
    expect((await api.json('POST', pods, { body: pod('out', outside) })).code).toBe(201)
    expect(await usedOf(api)).toEqual({ pods: '1' })
  })

  it('a pod that is given a deadline goes from one quota to the other', async () => {
    const api = await withQuota({ pods: '5' }, { scopes: ['NotTerminating'] })
    await make(api, 'ending', { pods: '5' }, { scopes: ['Terminating'] })
    await api.json('POST', pods, { body: pod('p') })
    await api.json('PATCH', `${pods}/p`, { body: { spec: { activeDeadlineSeconds: 100 } }, contentType: merge })
    expect([await usedOf(api), await usedOf(api, 'ending')]).toEqual([{ pods: '0' }, { pods: '1' }])
  })
})

describe('other objects', () => {
  it('are counted by their resource and group, and by the old names', async () => {
    const api = await withQuota({ 'count/configmaps': '2', configmaps: '1', 'count/deployments.apps': '0' })
    expect(await usedOf(api)).toEqual({ 'count/configmaps': '0', configmaps: '0', 'count/deployments.apps': '0' })
    expect((await api.json('POST', `${inDefault}/configmaps`, { body: configMap('a') })).code).toBe(201)
    expect((await api.json('POST', `${inDefault}/configmaps`, { body: configMap('b') })).body.message).toBe(
      'configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    )
    const spec = { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: pod('x').spec } }
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec }
    expect((await api.json('POST', '/apis/apps/v1/namespaces/default/deployments', { body: deployment })).body.message).toBe(
      'deployments.apps "d" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    )
  })

  it('Services count by their ports and their type, which may change', async () => {
    const api = await withQuota({ services: '5', 'services.nodeports': '3', 'services.loadbalancers': '1' })
    const service = (name: string, type: string, count = 1) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { type, ports: Array.from({ length: count }, (_, i) => ({ name: `p${i}`, port: 80 + i })) },
    })
    await api.json('POST', `${inDefault}/services`, { body: service('a', 'LoadBalancer', 2) })
    expect(await usedOf(api)).toEqual({ services: '1', 'services.nodeports': '2', 'services.loadbalancers': '1' })
    expect((await api.json('POST', `${inDefault}/services`, { body: service('b', 'NodePort', 2) })).code).toBe(403)
    await api.json('POST', `${inDefault}/services`, { body: service('b', 'ClusterIP', 2) })
    const body = { spec: { type: 'NodePort' } }
    const changed = await api.json('PATCH', `${inDefault}/services/b`, { body, contentType: merge })
    expect(changed.body.message).toBe(
      'services "b" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=2, limited: services.nodeports=3',
    )
    await api.json('PATCH', `${inDefault}/services/a`, { body: { spec: { type: 'ClusterIP' } }, contentType: merge })
    expect(await usedOf(api)).toEqual({ services: '2', 'services.nodeports': '0', 'services.loadbalancers': '0' })
  })

  it('claims count by what they ask for, in all and by their class', async () => {
    const api = await withQuota({
      persistentvolumeclaims: '5',
      'requests.storage': '10Gi',
      'gold.storageclass.storage.k8s.io/requests.storage': '2Gi',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
    })
    const claim = (name: string, storage: string, storageClassName?: string) =>
      api.json('POST', `${inDefault}/persistentvolumeclaims`, {
        body: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...(storageClassName && { storageClassName }) },
        },
      })
    expect((await claim('a', '1Gi')).code).toBe(201)
    expect((await claim('b', '3Gi', 'gold')).body.message).toContain(
      'requested: gold.storageclass.storage.k8s.io/requests.storage=3Gi, used: gold.storageclass.storage.k8s.io/requests.storage=0',
    )
    expect((await claim('b', '1Gi', 'gold')).code).toBe(201)
    expect(await usedOf(api)).toEqual({
      persistentvolumeclaims: '2',
      'requests.storage': '2Gi',
      'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
    })
  })
})

it('what it counts is owned as in Kubernetes: by the controller manager what was counted, by the apiserver what it let in', async () => {
  const api = await withQuota({ pods: '20', configmaps: '5' })
  const owners = async () => {
    const { managedFields } = (await api.json('GET', `${quotas}/q`)).body.metadata
    return Object.fromEntries(
      managedFields.map((one: Readonly<Record<string, string>>) => [
        `${one.manager} ${one.operation} ${one.subresource ?? ''}`,
        one.fieldsV1,
      ]),
    )
  }
  const counted = { 'f:hard': { '.': {}, 'f:configmaps': {}, 'f:pods': {} }, 'f:used': { '.': {}, 'f:configmaps': {}, 'f:pods': {} } }
  expect((await owners())['kube-controller-manager Update status']).toEqual({ 'f:status': counted })
  await api.json('POST', pods, { body: pod('a') })
  const { 'f:pods': _, ...left } = counted['f:used']
  expect(await owners()).toMatchObject({
    'kube-controller-manager Update status': { 'f:status': { ...counted, 'f:used': left } },
    'kube-apiserver Update status': { 'f:status': { 'f:used': { 'f:pods': {} } } },
  })
})
