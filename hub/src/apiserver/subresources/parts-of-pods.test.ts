import { describe, expect, it } from 'vitest'
import { createTestApi, type Json, pod } from '../testing/api.ts'

const pods = '/api/v1/namespaces/default/pods'
const strategic = 'application/strategic-merge-patch+json'
const merge = 'application/merge-patch+json'
const apply = 'application/apply-patch+yaml'

type Api = Awaited<ReturnType<typeof createTestApi>>
const patched = ({ json }: Api, path: string, body: object, contentType = strategic) => json('PATCH', path, { body, contentType })
const messagesOf = ({ body }: Json): string[] => body.details.causes.map(({ field, message }: Json) => `${field}: ${message}`)

const amounts = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } }
const main = { name: 'main', image: 'busybox', resources: amounts }
const ran = { name: 'main', image: '', imageID: '', ready: false, restartCount: 0 }

async function withPod(spec: object = { containers: [main] }, metadata: Record<string, unknown> = {}) {
  const api = await createTestApi()
  const made = await api.json('POST', pods, { body: pod('a', spec as Record<string, unknown>, metadata) })
  expect(made.code).toBe(201)
  return api
}

describe('ephemeralcontainers', () => {
  const path = `${pods}/a/ephemeralcontainers`
  const debug = { name: 'debug', image: 'busybox', stdin: true, tty: true, targetContainerName: 'main' }
  const wanted = (...ephemeralContainers: object[]) => ({ spec: { ephemeralContainers } })

  it('takes what kubectl debug sends, and nothing else of the pod, without a word', async () => {
    const api = await withPod()
    const body = { ...wanted(debug), metadata: { labels: { x: 'y' } } }
    body.spec = { ...body.spec, activeDeadlineSeconds: 5 } as typeof body.spec
    const seen = await patched(api, path, body)
    expect(seen.code).toBe(200)
    expect(seen.headers['warning']).toBeUndefined()
    expect(seen.body.spec.ephemeralContainers).toMatchObject([
      { ...debug, terminationMessagePath: '/dev/termination-log', imagePullPolicy: 'Always' },
    ])
    expect(seen.body.spec.activeDeadlineSeconds).toBeUndefined()
    expect(seen.body.metadata.labels?.x).toBeUndefined()
    expect(seen.body.metadata.generation).toBe(2)
    expect((await api.json('GET', path)).body).toEqual(seen.body)
  })

  it('takes a second one by PUT and by apply, which owns it under the name of the subresource', async () => {
    const api = await withPod()
    const { body: seen } = await patched(api, path, wanted(debug))
    seen.spec.ephemeralContainers.push({ name: 'two', image: 'busybox' })
    expect((await api.json('PUT', path, { body: seen })).body.spec.ephemeralContainers).toHaveLength(2)
    const config = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', labels: { p: 'q' } },
      ...wanted({ name: 'three', image: 'busybox' }),
    }
    const applied = await patched(api, `${path}?fieldManager=me`, config, apply)
    expect(applied.body.spec.ephemeralContainers.map(({ name }: Json) => name)).toEqual(['debug', 'two', 'three'])
    const own = applied.body.metadata.managedFields.find(({ manager }: Json) => manager === 'me')
    expect(own).toMatchObject({ subresource: 'ephemeralcontainers', operation: 'Apply' })
    expect(Object.keys(own.fieldsV1)).toEqual(['f:spec'])
    expect(Object.keys(own.fieldsV1['f:spec'])).toEqual(['f:ephemeralContainers'])
  })

  it('changes none that is there and takes none away', async () => {
    const api = await withPod()
    await patched(api, path, wanted(debug))
    const changed = await patched(api, path, wanted({ name: 'debug', image: 'busybox:2' }))
    expect(changed.code).toBe(422)
    expect(messagesOf(changed)[0]).toContain(
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be changed\n',
    )
    const gone = await patched(api, path, { spec: { ephemeralContainers: null } }, merge)
    expect(messagesOf(gone)).toEqual(['spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n'])
  })

  it.each<[string, object, string]>([
    ['ports', { ports: [{ containerPort: 1 }] }, 'ports: Forbidden: cannot be set for an Ephemeral Container'],
    ['resources', { resources: { limits: { cpu: '1' } } }, 'resources: Forbidden: cannot be set for an Ephemeral Container'],
    ['probes', { livenessProbe: { exec: { command: ['a'] } } }, 'livenessProbe: Forbidden: cannot be set for an Ephemeral Container'],
    ['the name of another', { name: 'main' }, 'name: Duplicate value: "main"'],
    ['no image', { image: '' }, 'image: Required value'],
    ['a target that is not there', { targetContainerName: 'x' }, 'targetContainerName: Not found: "x"'],
    [
      'a part of a volume',
      { volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 's' }] },
      'volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container',
    ],
  ])('may not have %s', async (_what, change, message) => {
    const api = await withPod({ containers: [main], volumes: [{ name: 'v', emptyDir: {} }] })
    const seen = await patched(api, path, wanted({ ...debug, ...change }))
    expect(seen.code).toBe(422)
    expect(messagesOf(seen)).toEqual([`spec.ephemeralContainers[0].${message}`])
  })

  it.each<[string, object, string]>([
    ['a capability that Linux has not', { capabilities: { add: ['SYS_PTRAC'] } }, 'capabilities.add[0]'],
    ['a profile of the node', { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } }, 'seccompProfile.localhostProfile'],
    ['AppArmor', { appArmorProfile: { type: 'RuntimeDefault' } }, 'appArmorProfile'],
  ])('is refused what no node does, by its field: %s', async (_what, securityContext, field) => {
    const api = await withPod()
    await patched(api, path, wanted(debug))
    const seen = await patched(api, path, wanted({ ...debug, name: 'two', securityContext }))
    expect(seen.code).toBe(422)
    expect(messagesOf(seen)).toEqual([
      expect.stringContaining(`spec.ephemeralContainers[0].securityContext.${field}: Forbidden: is not served by this version: `),
    ])
  })

  it('is told of what has no effect, of the new one alone', async () => {
    const api = await withPod()
    const labelled = (name: string) => ({ ...debug, name, securityContext: { seLinuxOptions: { type: 't' } } })
    const warningOf = async (name: string) => (await patched(api, path, wanted(labelled(name)))).headers['warning']
    expect(await warningOf('one')).toContain('spec.ephemeralContainers[0].securityContext.seLinuxOptions: has no effect')
    const second = await warningOf('two')
    expect(second).toContain('spec.ephemeralContainers[0].securityContext.seLinuxOptions: has no effect') // what is patched in stands first
    expect(second).not.toContain('spec.ephemeralContainers[1]')
  })

  it('is not part of a new pod, nor of a change of the pod itself', async () => {
    const api = await withPod()
    const made = await api.json('POST', pods, { body: pod('b', { containers: [main], ephemeralContainers: [debug] }) })
    expect(messagesOf(made)).toEqual(['spec.ephemeralContainers: Forbidden: cannot be set on create'])
    expect((await patched(api, `${pods}/a`, wanted(debug))).code).toBe(422)
  })

  it('reads no Secret that the account of the pod does not list', async () => {
    const api = await createTestApi()
    const account = { metadata: { name: 's', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } } }
    await api.json('POST', '/api/v1/namespaces/default/serviceaccounts', { body: account })
    await api.json('POST', pods, { body: pod('a', { containers: [main], serviceAccountName: 's' }) })
    const seen = await patched(api, path, wanted({ ...debug, envFrom: [{ secretRef: { name: 'hidden' } }] }))
    expect(seen).toMatchObject({ code: 403, body: { message: expect.stringContaining('does not reference that secret') } })
    await api.json('DELETE', '/api/v1/namespaces/default/serviceaccounts/s')
    const later = await patched(api, path, wanted({ ...debug, envFrom: [{ secretRef: { name: 'hidden' } }] }))
    expect(later).toMatchObject({ code: 403, body: { message: expect.stringContaining('error looking up service account default/s') } })
  })
})

describe('resize', () => {
  const path = `${pods}/a/resize`
  const asked = (resources: object, container = 'main') => ({ spec: { containers: [{ name: container, resources }] } })

  it('changes what containers ask for, and nothing else, and counts a generation', async () => {
    const api = await withPod()
    const seen = await patched(api, path, { ...asked({ requests: { cpu: '150m' } }), metadata: { labels: { x: 'y' } } })
    expect(seen.code).toBe(200)
    expect(seen.body.spec.containers[0].resources).toEqual({ ...amounts, requests: { cpu: '150m', memory: '64Mi' } })
    expect(seen.body.metadata).toMatchObject({ generation: 2 })
    expect(seen.body.metadata.labels?.x).toBeUndefined()
    const other = structuredClone(seen.body)
    Object.assign(other.spec.containers[0], { image: 'busybox:2', resources: amounts })
    const put = await api.json('PUT', path, { body: other })
    expect(put.body.spec.containers[0]).toMatchObject({ image: 'busybox', resources: amounts })
    expect((await api.json('GET', path)).body).toEqual(put.body)
  })

  it('owns resources alone when it is applied', async () => {
    const api = await withPod()
    const resources = { limits: { memory: '96Mi' } }
    const config = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'main', image: 'x', resources }] },
    }
    const seen = await patched(api, `${path}?fieldManager=me&force=true`, config, apply)
    expect(seen.body.spec.containers[0]).toMatchObject({ image: 'busybox', resources: { limits: { cpu: '200m', memory: '96Mi' } } })
    const own = seen.body.metadata.managedFields.find(({ manager }: Json) => manager === 'me')
    const limits = { 'f:resources': { 'f:limits': { 'f:memory': {} } } }
    expect(own.fieldsV1).toEqual({ 'f:spec': { 'f:containers': { 'k:{"name":"main"}': limits } } })
  })

  it.each<[string, object, string]>([
    [
      'take a limit away',
      asked({ limits: { cpu: null } }),
      'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
    ],
    [
      'reach another class',
      asked({ requests: amounts.limits }),
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    ],
    ['give disk', asked({ requests: { 'ephemeral-storage': '1Gi' } }), 'spec: Forbidden: only cpu and memory resources are mutable'],
    [
      'say how to resize',
      { spec: { containers: [{ name: 'main', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] }] } },
      'spec: Forbidden: only cpu and memory resources are mutable',
    ],
    [
      'bring a container',
      { spec: { containers: [{ name: 'new', image: 'busybox' }] } },
      'spec.containers: Forbidden: containers may not be added or removed on resize',
    ],
  ])('may not %s', async (_what, body, message) => {
    const api = await withPod()
    const seen = await patched(api, path, body)
    expect(seen.code).toBe(422)
    expect(messagesOf(seen)).toEqual([message])
  })

  it('takes no request away', async () => {
    const api = await withPod({ containers: [{ ...main, resources: { requests: amounts.requests } }] })
    const seen = await patched(api, path, asked({ requests: { memory: null } }))
    expect(messagesOf(seen)).toEqual(['spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'])
  })

  it('leaves the order of containers, and those that run before the others, alone', async () => {
    const init = { name: 'init', image: 'busybox', resources: amounts }
    const sidecar = { ...init, name: 'side', restartPolicy: 'Always' }
    const api = await withPod({ containers: [main, { ...main, name: 'two' }], initContainers: [init, sidecar] })
    const { body: seen } = await api.json('GET', path)
    const renamed = structuredClone(seen)
    renamed.spec.containers.reverse()
    expect(messagesOf(await api.json('PUT', path, { body: renamed }))).toEqual([
      'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
      'spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize',
    ])
    const more = (name: string) => ({ spec: { initContainers: [{ name, resources: { limits: { cpu: '300m' } } }] } })
    expect(messagesOf(await patched(api, path, more('init')))).toEqual([
      'spec: Forbidden: resources for non-sidecar init containers are immutable',
    ])
    expect((await patched(api, path, more('side'))).code).toBe(200)
  })

  it('is refused to a pod that runs on a node which does not say what its containers have', async () => {
    const api = await withPod()
    const running = (more: object) => ({
      status: {
        containerStatuses: [{ name: 'main', image: '', imageID: '', ready: true, restartCount: 0, state: { running: {} }, ...more }],
      },
    })
    await patched(api, `${pods}/a/status`, running({}), merge)
    const refused = await patched(api, path, asked({ requests: { cpu: '150m' } }))
    expect(messagesOf(refused)).toEqual(['spec: Forbidden: Pod running on node without support for resize'])
    await patched(api, `${pods}/a/status`, running({ resources: amounts }), merge)
    expect((await patched(api, path, asked({ requests: { cpu: '150m' } }))).code).toBe(200)
  })

  it.each<[string, object]>([
    ['of which its node has not said anything', {}],
    ['that waits', { containerStatuses: [{ ...ran, state: { waiting: { reason: 'ImagePullBackOff' } } }] }],
    ['of which a sidecar runs', { initContainerStatuses: [{ ...ran, state: { running: {} } }], containerStatuses: [ran] }],
    ['that has ended', { containerStatuses: [{ ...ran, state: { terminated: { exitCode: 0 } } }] }],
  ])('is refused to a pod with a node that does not resize, also to one %s', async (_what, status) => {
    const api = await withPod({ containers: [main], nodeName: 'pi-1' })
    if (Object.keys(status).length > 0) expect((await patched(api, `${pods}/a/status`, { status }, merge)).code).toBe(200)
    const refused = await patched(api, path, asked({ requests: { cpu: '150m' } }))
    expect(messagesOf(refused)).toEqual(['spec: Forbidden: Pod running on node without support for resize'])
  })

  it('is taken of a pod whose node says what its containers have', async () => {
    const api = await withPod({ containers: [main], nodeName: 'pi-1' })
    await patched(api, `${pods}/a/status`, { status: { containerStatuses: [{ ...ran, resources: amounts }] } }, merge)
    expect((await patched(api, path, asked({ requests: { cpu: '150m' } }))).code).toBe(200)
  })

  it('is refused to what a node runs by itself', async () => {
    const api = await withPod({ containers: [main], nodeName: 'pi-1' }, { annotations: { 'kubernetes.io/config.mirror': 'x' } })
    expect(messagesOf(await patched(api, path, asked({ requests: { cpu: '150m' } })))).toEqual([
      ': Forbidden: static pods cannot be resized',
    ])
    const debug = { spec: { ephemeralContainers: [{ name: 'd', image: 'x' }] } }
    expect(messagesOf(await patched(api, `${pods}/a/ephemeralcontainers`, debug))).toEqual([
      ': Forbidden: static pods do not support ephemeral containers',
    ])
  })
})
