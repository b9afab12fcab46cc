import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlBinary } from '../harness/clients.ts'
import { command, eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import type { PodStatus } from '../harness/web.ts'

/** Inputs made after public bug reports of other systems; they lie beside the project, not in it. */
const inputs = new URL('../../../shared/field-cases', import.meta.url).pathname

describe.skipIf(!existsSync(inputs))('what was reported of other systems does not happen here', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 2 })
    await Promise.all(['busybox-1.tar', 'socat-1.tar'].map((image) => cluster.importImage(image)))
    await cluster.kubectl('create', 'namespace', 't')
    // All at once, so that they go through their lives side by side while the tests read.
    await cluster.apply(atOnce.map(input).join('\n---\n'))
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const t = ['-n', 't'] as const
  const pod = async (name: string) => cluster.json<{ spec: PodSpec; status: PodStatus }>(...t, 'get', 'pod', name)
  const ended = (name: string) =>
    eventually(`the end of ${name}`, async () => {
      const found = await pod(name)
      return (found.status.phase === 'Succeeded' || found.status.phase === 'Failed') && found
    })
  const ready = (name: string) => cluster.kubectl(...t, 'wait', '--for=condition=Ready', `pod/${name}`, '--timeout=90s')
  const clusterIP = async (service: string) =>
    (await cluster.json<{ spec: { clusterIP: string } }>(...t, 'get', 'service', service)).spec.clusterIP
  /** What the container wrote, byte for byte: kubectl's own output, not decoded. */
  const bytesOf = async (name: string, container: string) => {
    const { stdout } = await command('bash', [
      '-c',
      `${kubectlBinary()} --kubeconfig ${cluster.layout.kubeconfig} -n t logs ${name} -c ${container} | base64 -w0`,
    ])
    return Buffer.from(stdout, 'base64')
  }

  it('empty texts of enums are accepted, and the defaults apply', async () => {
    await ready('empties')
    const { spec } = await pod('empties')
    expect(spec).toMatchObject({ restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', schedulerName: 'default-scheduler' })
    expect(spec.containers[0]).toMatchObject({
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      ports: [{ containerPort: 80, protocol: 'TCP' }],
    })
    expect(await cluster.kubectl(...t, 'logs', 'empties')).toBe('empties\n')
  })

  it('an empty scheduler, termination path and host name are the usual ones, and such pods run', async () => {
    expect((await ended('es-sched')).status.phase).toBe('Succeeded')
    expect((await ended('es-term')).status.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0, message: 'hi\n' })
    await ended('es-host')
    expect(await cluster.kubectl(...t, 'logs', 'es-host')).toMatch(/^es-host\n[^]*\tes-host\n$/)
  })

  it('users who are not root write to a subPath and to the termination log', async () => {
    expect((await ended('subpath')).status.phase).toBe('Succeeded')
    expect(await cluster.kubectl(...t, 'logs', 'subpath')).toMatch(/^drwxrwxrwx[^]*\nhi\n$/)
    expect((await ended('termlog')).status.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 3,
      message: 'last words\n',
    })
    expect(await cluster.kubectl(...t, 'logs', 'termlog')).toMatch(/^-rw-rw-rw-/)
  })

  it('kubectl logs shows the bytes that were written', async () => {
    await ended('logbytes')
    expect(await bytesOf('logbytes', 'latin1')).toEqual(Buffer.from('caf\xe9 \xff\xfe\n', 'latin1'))
    expect(await bytesOf('logbytes', 'longutf8')).toEqual(Buffer.from(`${'€'.repeat(20_000)}\n`))
    expect(await bytesOf('logbytes', 'nonl')).toEqual(Buffer.from('one\ntwo-without-end'))
    // containerd itself takes the CR of a CRLF; every other one stays.
    expect(await bytesOf('logbytes', 'cr')).toEqual(Buffer.from('a\rb\nnul:\0:end\n'))
  })

  it('a pod that is published before it is ready is reached from every node', async () => {
    await eventually('the pod to run', async () => (await pod('pub')).status.phase === 'Running')
    const address = await clusterIP('pub')
    for (const node of [0, 1])
      await eventually(`an answer on node ${node + 1}`, async () => {
        const { stdout } = await cluster.onNode(node, 'curl', '-sS', '--max-time', '3', `http://${address}/`)
        return stdout === 'pub\n'
      })
    expect((await pod('pub')).status.containerStatuses?.[0]?.ready).toBe(false)
  })

  it('a device server that ends its lines with LF alone is ready, and so is an exec probe with a variable', async () => {
    await ready('lfhttp')
    await ready('probeenv')
  })

  it('an account that is not there refuses the pod, and the pull secrets of one that is are copied', async () => {
    const refused = await cluster.tryApply(accountPod('nobody', 'not-there'))
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error looking up service account t/not-there') as string,
    })
    await cluster.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'puller', namespace: 't' },
        imagePullSecrets: [{ name: 'first' }, { name: 'second' }],
      }),
    )
    await cluster.apply(accountPod('puller', 'puller'))
    expect((await pod('puller')).spec.imagePullSecrets).toEqual([{ name: 'first' }, { name: 'second' }])
  })

  it('loadBalancerSourceRanges keep out who is not in them', async () => {
    await ready('backend')
    await cluster.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'guarded', namespace: 't' },
        spec: {
          type: 'LoadBalancer',
          selector: { app: 'backend' },
          loadBalancerSourceRanges: [`${cluster.nodeAddress(1)}/32`],
          ports: [{ port: 80, targetPort: 8080, nodePort: 30_181 }],
        },
      }),
    )
    const ask = (from: number, at: number) =>
      cluster.onNode(from, 'curl', '-sS', '--max-time', '3', `http://${cluster.nodeAddress(at)}:30181/`)
    // Both nodes have the rules once both answer who is let in.
    for (const at of [0, 1])
      await eventually(`an answer of node ${at + 1}`, async () => (await ask(1, at)).stdout === 'hello-from-backend\n')
    expect((await ask(0, 1)).code).not.toBe(0)
  })

  it('an owner in another namespace is none, and the event says so', async () => {
    await cluster.kubectl('create', 'configmap', 'elsewhere')
    await cluster.kubectl(...t, 'create', 'configmap', 'owned')
    const { metadata } = await cluster.json<{ metadata: { uid: string } }>('get', 'configmap', 'elsewhere')
    await own('owned', { name: 'elsewhere', uid: metadata.uid })
    await cluster.kubectl(...t, 'wait', '--for=delete', 'configmap/owned', '--timeout=90s')
    await eventually('the event', async () => {
      const { items } = await cluster.json<{ items: { reason: string }[] }>(
        ...t,
        'get',
        'events',
        '--field-selector=involvedObject.name=owned',
      )
      return items.some(({ reason }) => reason === 'OwnerRefInvalidNamespace')
    })
  })

  const own = (name: string, owner: { name: string; uid: string }) =>
    cluster.kubectl(
      ...t,
      'patch',
      'configmap',
      name,
      '--type=merge',
      '-p',
      JSON.stringify({ metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', blockOwnerDeletion: true, ...owner }] } }),
    )

  it('UDP senders with a fixed port reach a host port as soon as it is there, and the next pod afterwards', async () => {
    const senders = [0, 1].map((node) => send(node, 4_001 + node))
    const heardFromAll = () =>
      eventually('datagrams of both senders', async () => {
        const heard = await cluster.kubectl(...t, 'logs', 'udphost')
        return heard.includes('port 4001') && heard.includes('port 4002')
      })
    try {
      await eventually('senders that have sent', async () => senders.every(({ sent }) => sent() > 2))
      await cluster.apply(udpSink())
      await ready('udphost')
      await heardFromAll()
      await cluster.kubectl(...t, 'delete', 'pod', 'udphost')
      await cluster.apply(udpSink())
      await ready('udphost')
      await heardFromAll()
    } finally {
      for (const sender of senders) await sender.stop()
    }
  })

  it('objects that own each other all go, and the API stays, also when the hub starts again', async () => {
    await cluster.apply(input('owner-circle'))
    const uids = new Map<string, string>()
    for (const name of ['a', 'b', 'c'])
      uids.set(name, (await cluster.json<{ metadata: { uid: string } }>(...t, 'get', 'configmap', name)).metadata.uid)
    for (const [name, next] of [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'a'],
    ] as const)
      await own(name, { name: next, uid: uids.get(next) ?? '' })
    await cluster.kubectl(...t, 'delete', 'configmap', 'a', '--cascade=foreground', '--timeout=90s')
    const left = async () => (await cluster.kubectl(...t, 'get', 'configmaps', '-o', 'name')).trim().split('\n')
    await eventually('the circle to be gone', async () => !(await left()).some(isOfCircle))

    const hub = cluster.pidOf('hub')
    process.kill(hub, 'SIGKILL')
    await eventually('the end of the hub', async () => !existsSync(`/proc/${hub}`))
    await cluster.heal()
    expect((await left()).some(isOfCircle)).toBe(false)
    expect(await cluster.kubectl('get', '--raw', '/readyz')).toBe('ok')
  })
  const isOfCircle = (name: string) => /\/[abc]$/.test(name)

  /** Goes on sending from the one port of that node until it is stopped. */
  function send(node: number, port: number) {
    let sent = 0
    const stopping = new AbortController()
    const target = `UDP-SENDTO:${cluster.nodeAddress(0)}:5140,sourceport=${port},reuseaddr`
    const running = (async () => {
      while (!stopping.signal.aborted) {
        await cluster.onNode(node, 'bash', '-c', `echo port ${port} | socat -u - ${target}; sleep 0.1`)
        sent++
      }
    })()
    return {
      sent: () => sent,
      stop: () => {
        stopping.abort()
        return running
      },
    }
  }
})

const atOnce = [
  'empty-enums',
  'empty-strings-run',
  'endpoints-manual',
  'lf-http',
  'log-bytes',
  'not-ready-published',
  'probe-env',
  'subpath-nonroot',
  'termlog-nonroot',
]

const busybox = 'docker.io/library/busybox:1'
const input = (name: string) =>
  readFileSync(join(inputs, `${name}.yaml`), 'utf8')
    .replaceAll('registry.local/box:1', busybox)
    .replaceAll('registry.local/udpsink:1', 'docker.io/library/socat:1')

/** The sink prints what it hears, and each sender says its port. */
const udpSink = () => input('udp-hostport').replace(/( +)image: .*/, '$&\n$1command: ["/usr/bin/socat", "-u", "UDP-RECV:5000", "STDOUT"]')

const accountPod = (name: string, serviceAccountName: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 't' },
    spec: { serviceAccountName, containers: [{ name: 'c', image: busybox, command: ['true'] }], restartPolicy: 'Never' },
  })

type PodSpec = { imagePullSecrets?: { name: string }[]; containers: Record<string, unknown>[] }
