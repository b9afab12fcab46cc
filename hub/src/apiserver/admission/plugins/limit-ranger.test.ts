import { describe, expect, it } from 'vitest'
import { createTestApi, pod } from '../../testing/api.ts'

const pods = '/api/v1/namespaces/default/pods'
const claims = '/api/v1/namespaces/default/persistentvolumeclaims'

const withLimits = async (...limits: readonly object[]) => {
  const { json } = await createTestApi()
  const body = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits' }, spec: { limits } }
  expect((await json('POST', '/api/v1/namespaces/default/limitranges', { body })).code).toBe(201)
  return json
}

const container = (resources: object, name = 'main') => ({ name, image: 'busybox', resources })
const claim = (storage: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
})

describe('a namespace with limits', () => {
  const defaults = {
    type: 'Container',
    default: { cpu: '500m', memory: '128Mi' },
    defaultRequest: { cpu: '100m', memory: '64Mi' },
  }

  it('gives containers what they do not say, and tells it on the pod', async () => {
    const json = await withLimits(defaults)
    const spec = { containers: [container({ requests: { cpu: '200m' } })], initContainers: [container({}, 'first')] }
    const { code, body } = await json('POST', pods, { body: pod('p', spec) })
    expect(code).toBe(201)
    expect(body.spec.containers[0].resources).toEqual({
      requests: { cpu: '200m', memory: '64Mi' },
      limits: { cpu: '500m', memory: '128Mi' },
    })
    expect(body.spec.initContainers[0].resources.requests).toEqual({ cpu: '100m', memory: '64Mi' })
    expect(body.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: memory request for container main; cpu, memory limit for container main; cpu, memory request for init container first; cpu, memory limit for init container first',
    })
    expect(body.status.qosClass).toBe('Burstable')
  })

  it('takes an update of a pod from before it had any, and gives that nothing', async () => {
    const { json } = await createTestApi()
    const made = await json('POST', pods, { body: pod('p') })
    const spec = { limits: [{ type: 'Container', min: { cpu: '1' }, default: { cpu: '2' } }] }
    await json('POST', '/api/v1/namespaces/default/limitranges', {
      body: { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l' }, spec },
    })
    const body = { ...made.body, metadata: { ...made.body.metadata, labels: { a: 'b' } } }
    const updated = await json('PUT', `${pods}/p`, { body })
    expect([updated.code, updated.body.spec.containers[0].resources]).toEqual([200, {}])
  })

  const cases: readonly [string, object, object, string][] = [
    [
      'less than the least',
      { min: { cpu: '100m' } },
      { requests: { cpu: '50m' } },
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [
      'more than the most',
      { max: { memory: '1Gi' } },
      { limits: { memory: '2Gi' } },
      'maximum memory usage per Container is 1Gi, but limit is 2Gi',
    ],
    [
      'a limit that is many times the request',
      { maxLimitRequestRatio: { cpu: '2' } },
      { requests: { cpu: '100m' }, limits: { cpu: '250m' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 2.500000',
    ],
    [
      'a ratio of nothing',
      { maxLimitRequestRatio: { cpu: '2' } },
      {},
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ],
  ]
  it.each(cases)('refuses a container with %s', async (_what, limit, resources, why) => {
    const json = await withLimits({ type: 'Container', ...limit })
    const { code, body } = await json('POST', pods, { body: pod('p', { containers: [container(resources)] }) })
    expect([code, body.reason, body.message]).toEqual([403, 'Forbidden', `pods "p" is forbidden: ${why}`])
  })

  it('tells everything that is wrong, each thing once', async () => {
    const json = await withLimits({ type: 'Container', min: { cpu: '100m', memory: '1Mi' }, max: { cpu: '1', memory: '1Gi' } })
    const { body } = await json('POST', pods, {
      body: pod('p', { containers: [container({ requests: { cpu: '1m', memory: '1Ki' } }), container({ requests: { cpu: '1m' } }, 'b')] }),
    })
    expect(body.message).toBe(
      'pods "p" is forbidden: [minimum cpu usage per Container is 100m, but request is 1m, minimum memory usage per Container is 1Mi, but request is 1Ki]',
    )
  })

  it('a pod is held to the sum of its containers, or to its greatest init container', async () => {
    const json = await withLimits({ type: 'Pod', max: { cpu: '1' } })
    const limits = (cpu: string) => ({ limits: { cpu } })
    const both = await json('POST', pods, { body: pod('p', { containers: [container(limits('600m')), container(limits('600m'), 'b')] }) })
    expect(both.body.message).toBe('pods "p" is forbidden: maximum cpu usage per Pod is 1, but limit is 1200m')
    const first = { containers: [container(limits('100m'))], initContainers: [container(limits('2'), 'first')] }
    expect((await json('POST', pods, { body: pod('p', first) })).body.message).toContain('but limit is 2')
    const fits = {
      containers: [container(limits('500m')), container(limits('500m'), 'b')],
      initContainers: [container(limits('1'), 'first')],
    }
    expect((await json('POST', pods, { body: pod('p', fits) })).code).toBe(201)
  })

  it('holds a pod to them that is resized', async () => {
    const json = await withLimits({ type: 'Container', max: { cpu: '1' } })
    await json('POST', pods, { body: pod('p', { containers: [container({ requests: { cpu: '100m' }, limits: { cpu: '500m' } })] }) })
    const resize = (cpu: string) => ({ spec: { containers: [{ name: 'main', resources: { limits: { cpu } } }] } })
    const patch = (cpu: string) =>
      json('PATCH', `${pods}/p/resize`, { body: resize(cpu), contentType: 'application/strategic-merge-patch+json' })
    expect((await patch('2')).body.message).toBe('pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2')
    expect((await patch('900m')).code).toBe(200)
  })

  it('holds claims to them, by what they ask for', async () => {
    const json = await withLimits({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } })
    const told = async (storage: string) => (await json('POST', claims, { body: claim(storage) })).body.message
    expect(await told('1Mi')).toBe(
      'persistentvolumeclaims "c" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
    )
    expect(await told('3Gi')).toBe(
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    )
    expect((await json('POST', claims, { body: claim('2Gi') })).code).toBe(201)
  })
})
