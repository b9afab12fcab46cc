import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bramble, command, eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import type { PodStatus } from '../harness/web.ts'

describe('bad input is refused by name', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await cluster.importImage('busybox-1.tar')
    await cluster.importImage('busybox-1-arm64.tar')
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const pod = (spec: string, name = 'x') => `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: ${spec}}`
  const deployment = (spec: string) => `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: ${spec}}`
  const template = 'template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: busybox:1}]}}'

  it.each([
    [
      'a field that does not exist',
      deployment(`{replica: 1, selector: {matchLabels: {app: a}}, ${template}}`),
      /unknown field "spec.replica"/,
    ],
    ['a wrong type', deployment(`{replicas: many, selector: {matchLabels: {app: a}}, ${template}}`), /spec\.replicas/],
    [
      'negative replicas',
      deployment(`{replicas: -1, selector: {matchLabels: {app: a}}, ${template}}`),
      /spec\.replicas: Invalid value: -1: must be greater than or equal to 0/,
    ],
    [
      'a selector that does not match',
      deployment(`{selector: {matchLabels: {app: b}}, ${template}}`),
      /`selector` does not match template `labels`/,
    ],
    [
      'a name that is no DNS label',
      pod('{containers: [{name: a, image: b}]}', 'Not_A_Name'),
      /metadata\.name: Invalid value: "Not_A_Name"/,
    ],
    ['a container name that is none', pod('{containers: [{name: A_, image: b}]}'), /spec\.containers\[0\]\.name: Invalid value: "A_"/],
    [
      'a port out of range',
      pod('{containers: [{name: a, image: b, ports: [{containerPort: 70000}]}]}'),
      /spec\.containers\[0\]\.ports\[0\]\.containerPort: Invalid value: 70000: must be between 1 and 65535/,
    ],
    ['no image', pod('{containers: [{name: a}]}'), /spec\.containers\[0\]\.image: Required value/],
    ['no containers', pod('{}'), /spec\.containers: Required value/],
    [
      'a mount of no volume',
      pod('{containers: [{name: a, image: b, volumeMounts: [{name: v, mountPath: /v}]}]}'),
      /spec\.containers\[0\]\.volumeMounts\[0\]\.name: Not found: "v"/,
    ],
    ['a broken quantity', pod('{containers: [{name: a, image: b, resources: {limits: {memory: lots}}}]}'), /memory/],
    ['an unknown kind', '{apiVersion: v1, kind: Pond, metadata: {name: x}}', /no matches for kind "Pond" in version "v1"/],
    [
      'a node port out of range',
      '{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}}',
      /nodePort: Invalid value: 80: provided port is not in the valid range/,
    ],
    ['no namespace', '{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: nowhere}}', /namespaces "nowhere" not found/],
  ])('%s', async (_what, manifest, message) => {
    const { code, stderr } = await cluster.tryApply(manifest)
    expect(stderr).toMatch(message)
    expect(code).not.toBe(0)
  })

  it('a body that is too large, or no JSON, or no protobuf', async () => {
    const big = await cluster.tryApply(`{apiVersion: v1, kind: ConfigMap, metadata: {name: big}, data: {a: "${'x'.repeat(4_000_000)}"}}`)
    expect(big.stderr).toMatch(/too large|Request entity|limit/i)
    for (const type of ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml']) {
      const { stdout } = await rawPost(cluster, '/api/v1/namespaces/default/configmaps', type, '\u0001{ this is: [nothing')
      expect(JSON.parse(stdout)).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'BadRequest', code: 400 })
    }
  })

  it('an image that cannot be had is said with the words of the runtime', async () => {
    await cluster.apply(pod('{containers: [{name: a, image: "127.0.0.1:1/nothing:1"}]}', 'no-image'))
    await eventually('ErrImagePull', async () => {
      const { status } = await cluster.json<{ status: PodStatus }>('get', 'pod', 'no-image')
      const { reason = '', message = '' } = status.containerStatuses?.[0]?.state?.waiting ?? {}
      return ['ErrImagePull', 'ImagePullBackOff'].includes(reason) && message.includes('127.0.0.1:1/nothing')
    })
    await cluster.kubectl('delete', 'pod', 'no-image')
  })

  it('a container that ends again and again backs off', async () => {
    await cluster.apply(pod('{containers: [{name: a, image: "docker.io/library/busybox:1", command: [sh, -c, "exit 3"]}]}', 'crashing'))
    await eventually('CrashLoopBackOff', async () => {
      const { status } = await cluster.json<{ status: PodStatus }>('get', 'pod', 'crashing')
      const [container] = status.containerStatuses ?? []
      return (
        container?.state?.waiting?.reason === 'CrashLoopBackOff' &&
        container.lastState?.terminated?.exitCode === 3 &&
        container.restartCount >= 1
      )
    })
    expect(await cluster.kubectl('get', 'pod', 'crashing')).toContain('CrashLoopBackOff')
    await cluster.kubectl('delete', 'pod', 'crashing', '--grace-period=0', '--force')
  })

  const emulator = '/proc/sys/fs/binfmt_misc/qemu-aarch64'
  const why = existsSync(emulator) ? '' : ' (skipped: this kernel has no QEMU for arm64)'
  it.skipIf(why !== '')(`an arm64 image waits with a reason while no node can run it, and runs once one can${why}`, async () => {
    const foreign = (name: string) =>
      pod('{restartPolicy: Never, containers: [{name: a, image: "docker.io/library/busybox:1-arm64", command: [uname, -m]}]}', name)
    const emulated = () =>
      cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.annotations.bramble\\.io/emulated-architectures}')
    await cluster.apply(foreign('foreign'))
    await eventually(
      'its end',
      async () => (await cluster.json<{ status: PodStatus }>('get', 'pod', 'foreign')).status.phase === 'Succeeded',
    )
    expect(await cluster.kubectl('logs', 'foreign')).toBe('aarch64\n')
    await cluster.kubectl('delete', 'pod', 'foreign')

    writeFileSync(emulator, '0')
    try {
      await eventually('the node without its emulator', async () => !(await emulated()).includes('arm64'))
      await cluster.apply(foreign('waiting'))
      const reason = /0\/1 nodes are available: .*built for arm64/
      await eventually('the reason', async () => reason.test(await cluster.kubectl('describe', 'pod', 'waiting')))
      expect(await cluster.kubectl('get', 'pod', 'waiting')).toContain('Pending')
    } finally {
      writeFileSync(emulator, '1')
    }
    await eventually(
      'its end',
      async () => (await cluster.json<{ status: PodStatus }>('get', 'pod', 'waiting')).status.phase === 'Succeeded',
    )
    await cluster.kubectl('delete', 'pod', 'waiting')
  })

  it('flags and config keys that do not exist are refused by name', async () => {
    expect((await command(bramble, ['up', '--node', '2'])).stderr).toMatch(/Unknown option '--node'; see --help/)
    expect((await command(bramble, ['agent', '--hubb', 'x'])).stderr).toMatch(/Unknown option '--hubb'/)
    expect((await command(bramble, ['hub', '--https-port', '99999'])).stderr).toMatch(/--https-port.*65535/)
    expect((await command(bramble, ['agent', '--hub', 'http://x'])).stderr).toMatch(/--hub.*expected mqtts:\/\/host:port/)
  })
})

/** A request as no client of ours would send it, with the administrator's certificate. */
async function rawPost(cluster: TestCluster, path: string, type: string, body: string) {
  const config = await cluster.json<{
    clusters: { cluster: Record<string, string> }[]
    users: { user: Record<string, string> }[]
  }>('config', 'view', '--raw')
  const dir = mkdtempSync(join(cluster.home, 'pki-'))
  const file = (name: string, data: string | undefined) => {
    writeFileSync(join(dir, name), Buffer.from(data ?? '', 'base64'))
    return join(dir, name)
  }
  const [{ user } = { user: {} }, { cluster: server } = { cluster: {} }] = [config.users[0], config.clusters[0]]
  const tls = [
    ...['--cacert', file('ca', server['certificate-authority-data'])],
    ...['--cert', file('cert', user['client-certificate-data']), '--key', file('key', user['client-key-data'])],
  ]
  const url = `https://127.0.0.1:${cluster.httpsPort}${path}`
  return command('curl', ['-sS', ...tls, '-H', `Content-Type: ${type}`, '--data-binary', '@-', url], { input: body })
}
