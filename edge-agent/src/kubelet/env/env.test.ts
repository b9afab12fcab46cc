import { describe, expect, it } from 'vitest'
import type { Objects } from './env.ts'
import { resolveEnv } from './env.ts'
import { container, samplePod } from '../testing/samples.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const objects = {
  configMap: (name: string) => (name === 'settings' ? { data: { GREETING: 'hello', 'bad=key': 'x' } } : undefined),
  secret: (name: string) => (name === 'key' ? { data: { TOKEN: base64('s3cret') } } : undefined),
  services: () => [
    service('default', 'kubernetes', '10.43.0.1', [{ name: 'https', port: 443, protocol: 'TCP' }]),
    service('default', 'my-db', '10.43.0.7', [{ port: 5432, protocol: 'TCP' }]),
    service('other', 'far', '10.43.0.8', [{ port: 1, protocol: 'TCP' }]),
    service('default', 'headless', 'None', [{ port: 1, protocol: 'TCP' }]),
  ],
} as unknown as Objects // only what resolveEnv reads
const service = (namespace: string, name: string, clusterIP: string, ports: object[]) => ({
  metadata: { namespace, name },
  spec: { clusterIP, ports },
})
const node = { nodeName: 'pi-1', hostIP: '192.0.2.1', podIPs: ['10.42.0.5'], allocatable: { cpu: '4', memory: '1Gi' } }

const resolve = (more: object, spec: Record<string, unknown> = {}) => {
  const pod = samplePod({ enableServiceLinks: false, containers: [container('main', more)], ...spec }, { labels: { app: 'web' } })
  const [main] = pod.spec.containers
  if (!main) throw new Error('the sample has a container')
  const result = resolveEnv({ pod, container: main, objects, node })
  return 'problem' in result ? result : { ...result, env: Object.fromEntries(result.env.map(({ name, value }) => [name, value])) }
}
const from = (name: string, valueFrom: object) => resolve({ env: [{ name, valueFrom }] })

describe('the environment of a container', () => {
  it('expands earlier variables and leaves unknown and escaped ones', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', value: '$(A)-$(NOPE)-$$(A)' },
    ]
    expect(resolve({ env })).toMatchObject({ env: { A: '1', B: '1-$(NOPE)-$(A)' } })
  })

  it('takes whole ConfigMaps and Secrets, with a prefix, and names the keys it must skip', () => {
    const envFrom = [{ prefix: 'P_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'key' } }]
    expect(resolve({ envFrom })).toMatchObject({ env: { P_GREETING: 'hello', TOKEN: 's3cret' }, skipped: ['P_bad=key'] })
  })

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
    '%s is a key that is there only where a user wrote it',
    (key) => {
      const problem = expect.stringContaining(`couldn't find key ${key} in `)
      expect(from('A', { configMapKeyRef: { name: 'settings', key } })).toMatchObject({ problem })
      expect(from('A', { secretKeyRef: { name: 'key', key } })).toMatchObject({ problem })
      expect(from('A', { fieldRef: { fieldPath: `metadata.labels['${key}']` } })).toMatchObject({ env: { A: '' } })
      const written: Objects = { ...objects, configMap: () => JSON.parse(`{"data":{"${key}":"mine"}}`) }
      const pod = samplePod({ containers: [container('main', { envFrom: [{ configMapRef: { name: 'x' } }] })] })
      const result = resolveEnv({ pod, container: pod.spec.containers[0] as never, objects: written, node })
      expect(result).toMatchObject({ env: expect.arrayContaining([{ name: key, value: 'mine' }]) })
    },
  )

  it('names the variables whose bytes are no text, as no runtime hands those on', () => {
    const [bytes, text] = [Buffer.from([0x61, 0xff, 0xfe]).toString('base64'), Buffer.from('é').toString('base64')]
    const secret = () => ({ data: { k: bytes, t: text, a: bytes } }) as never
    const secretKeyRef = (key: string) => ({ secretKeyRef: { name: 'x', key } })
    const main = container('main', {
      envFrom: [{ secretRef: { name: 'x' } }],
      env: [
        { name: 'B', valueFrom: secretKeyRef('k') },
        { name: 'T', valueFrom: secretKeyRef('t') },
        { name: 'a', value: 'text after all' },
      ],
    })
    const pod = samplePod({ containers: [main] })
    const result = resolveEnv({ pod, container: pod.spec.containers[0] as never, objects: { ...objects, secret }, node })
    expect(result).toMatchObject({ garbled: ['k', 'B'], env: expect.arrayContaining([{ name: 'T', value: 'é' }]) })
  })

  it('of variables that name each other over and over is a problem, and not the end of the memory', () => {
    const laughs = Array.from({ length: 20 }, (_, index) => ({ name: `V${index + 1}`, value: `$(V${index})`.repeat(10) }))
    const result = resolve({ env: [{ name: 'V0', value: 'x'.repeat(100) }, ...laughs] })
    expect(result).toEqual({ problem: expect.stringMatching(/^variable V5: \$\(V4\).* is longer than 6291456 characters/) })
  })

  it('is a problem where its variables together are more than a program is started with', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ name: `V${index}`, value: '$(V)' }))
    expect(resolve({ env: [{ name: 'V', value: 'x'.repeat(100_000) }, ...many] })).toMatchObject({
      problem: expect.stringContaining('longer than'),
    })
    const data = { data: { big: 'x'.repeat(1_000_000) } }
    const envFrom = Array.from({ length: 7 }, (_, index) => ({ prefix: `P${index}_`, configMapRef: { name: 'x' } }))
    const pod = samplePod({ containers: [container('main', { envFrom })] })
    const input = { pod, container: pod.spec.containers[0] as never, objects: { ...objects, configMap: () => data as never }, node }
    expect(resolveEnv(input)).toMatchObject({ problem: expect.stringContaining('a program is started with 6291456 at most') })
  })

  it('lets env win over envFrom', () => {
    expect(resolve({ envFrom: [{ secretRef: { name: 'key' } }], env: [{ name: 'TOKEN', value: 'mine' }] })).toMatchObject({
      env: { TOKEN: 'mine' },
    })
  })

  it.each([
    ['metadata.name', 'web'],
    ['metadata.namespace', 'default'],
    ["metadata.labels['app']", 'web'],
    ["metadata.annotations['none']", ''],
    ['spec.nodeName', 'node-1'],
    ['status.podIP', '10.42.0.5'],
    ['status.hostIP', '192.0.2.1'],
    ['spec.serviceAccountName', 'default'],
  ])('reads the field %s', (fieldPath, value) => {
    expect(from('X', { fieldRef: { fieldPath } })).toMatchObject({ env: { X: value } })
  })

  it.each([
    ['limits.memory', '1Mi', '64'],
    ['limits.cpu', undefined, '1'],
    ['limits.cpu', '1m', '500'],
    ['requests.cpu', '1m', '500'],
    ['limits.ephemeral-storage', undefined, '0'],
  ])('reads the resource %s by %s', (resource, divisor, value) => {
    const resources = { limits: { memory: '64Mi', cpu: '500m' } }
    expect(resolve({ resources, env: [{ name: 'X', valueFrom: { resourceFieldRef: { resource, divisor } } }] })).toMatchObject({
      env: { X: value },
    })
  })

  it('gives the whole node where no limit was set', () => {
    expect(from('X', { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } })).toMatchObject({ env: { X: '1024' } })
  })

  it.each([
    [{ configMapKeyRef: { name: 'none', key: 'a' } }, 'configmap "none" not found'],
    [{ configMapKeyRef: { name: 'settings', key: 'a' } }, "couldn't find key a in ConfigMap default/settings"],
    [{ secretKeyRef: { name: 'none', key: 'a' } }, 'secret "none" not found'],
    [{ secretKeyRef: { name: 'key', key: 'a' } }, "couldn't find key a in Secret default/key"],
    [{ fieldRef: { fieldPath: 'spec.nope' } }, 'field path spec.nope of X is not supported'],
  ])('says what is missing for %j', (valueFrom, problem) => {
    expect(from('X', valueFrom)).toEqual({ problem })
  })

  it('leaves out what is optional and missing', () => {
    const result = resolve({
      envFrom: [{ configMapRef: { name: 'none', optional: true } }],
      env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'key', key: 'a', optional: true } } }],
    })
    expect(result).toMatchObject({ env: expect.not.objectContaining({ X: expect.anything() }) })
    expect(resolve({ envFrom: [{ secretRef: { name: 'none' } }] })).toEqual({ problem: 'secret "none" not found' })
  })

  it('tells where the Services of the namespace are, and always where the API is', () => {
    expect(resolve({}, { enableServiceLinks: true })).toMatchObject({
      env: {
        KUBERNETES_SERVICE_HOST: '10.43.0.1',
        KUBERNETES_SERVICE_PORT_HTTPS: '443',
        MY_DB_SERVICE_HOST: '10.43.0.7',
        MY_DB_PORT: 'tcp://10.43.0.7:5432',
        MY_DB_PORT_5432_TCP_ADDR: '10.43.0.7',
      },
    })
    const { env } = resolve({}) as { env: Record<string, string> }
    expect(env['KUBERNETES_SERVICE_HOST']).toBe('10.43.0.1')
    expect(Object.keys(env).some((name) => /^(MY_DB|FAR|HEADLESS)/.test(name))).toBe(false)
  })
})
