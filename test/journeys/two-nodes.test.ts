import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { deployWeb, fetchFrom, webPods } from '../harness/web.ts'

describe('two nodes, each with its own network and containerd', () => {
  let cluster: TestCluster
  let web: Awaited<ReturnType<typeof deployWeb>>
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 2 })
    web = await deployWeb(cluster)
    await cluster.importImage('socat-1.tar')
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const urls = () => [
    `http://${web.clusterIP}/`,
    `http://${cluster.nodeAddress(0)}:${web.nodePort}/`,
    `http://${cluster.nodeAddress(1)}:${web.nodePort}/`,
  ]

  it('pods run on both nodes', async () => {
    const nodes = new Set((await webPods(cluster)).map(({ spec }) => spec.nodeName))
    expect([...nodes].sort()).toEqual(['node-1', 'node-2'])
  })

  it('a client on each node reaches the ClusterIP and both NodePorts', async () => {
    for (const node of [0, 1]) for (const url of urls()) await fetchFrom(cluster, node, url)
  })

  it('a client in a pod on each node reaches the ClusterIP and both NodePorts', async () => {
    for (const node of cluster.nodes) {
      const fetches = urls()
        .map((url) => `${getFromPod(url)} || exit 1`)
        .join('; ')
      await cluster.apply(clientPod(node, fetches))
    }
    for (const node of cluster.nodes) {
      await eventually(`the client on ${node}`, async () => {
        const { status } = await cluster.json<{ status: { phase: string } }>('get', 'pod', `client-${node}`)
        if (status.phase === 'Failed') throw new Error(await cluster.kubectl('logs', `client-${node}`))
        return status.phase === 'Succeeded'
      })
      expect((await cluster.kubectl('logs', `client-${node}`)).match(/hello from web-/g)).toHaveLength(3)
    }
    await cluster.kubectl('delete', 'pod', '-l', 'role=client')
  })

  it('a pod reaches itself through its own Service', async () => {
    await cluster.kubectl('create', 'service', 'clusterip', 'hairpin', '--tcp=80:8080')
    const { spec } = await cluster.json<{ spec: { clusterIP: string } }>('get', 'service', 'hairpin')
    await cluster.apply(hairpinPod(`http://${spec.clusterIP}/`))
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/hairpin', '--timeout=90s')
    await eventually('the pod talking to itself', async () => (await cluster.kubectl('logs', 'hairpin')).includes('hello myself'))
    await cluster.kubectl('delete', 'pod/hairpin', 'service/hairpin')
  })

  it('UDP goes through a Service', async () => {
    await cluster.apply(udp)
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/udp', '--timeout=90s')
    const { spec } = await cluster.json<{ spec: { clusterIP: string } }>('get', 'service', 'udp')
    await eventually('a datagram and its answer', async () => {
      const { stdout } = await cluster.onNode(1, 'bash', '-c', `echo knock | socat -t 1 - UDP:${spec.clusterIP}:5353`)
      return stdout === 'knock\n'
    })
    await cluster.kubectl('delete', 'pod/udp', 'service/udp')
  })

  it('scales up and down', async () => {
    await cluster.kubectl('scale', 'deployment/web', '--replicas=5')
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
    expect(await webPods(cluster)).toHaveLength(5)
    await cluster.kubectl('scale', 'deployment/web', '--replicas=3')
    await eventually('three pods', async () => (await webPods(cluster)).length === 3)
  })

  it('a rolling update loses no request, and can be rolled back', async () => {
    const load = startLoad(cluster, `http://${web.clusterIP}/`)
    await cluster.kubectl('set', 'env', 'deployment/web', 'VERSION=2')
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
    const { requests, failures } = await load.stop()
    expect(requests).toBeGreaterThan(20)
    expect(failures).toEqual([])

    expect(await cluster.kubectl('rollout', 'history', 'deployment/web')).toMatch(/^1\s+.*\n2\s+/m)
    await cluster.kubectl('rollout', 'undo', 'deployment/web')
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
    const deployment = await cluster.json<{ spec: { template: { spec: { containers: { env: { name: string }[] }[] } } } }>(
      'get',
      'deployment',
      'web',
    )
    expect(deployment.spec.template.spec.containers[0]?.env.map(({ name }) => name)).not.toContain('VERSION')
  })

  it('a deleted pod is replaced', async () => {
    const [victim] = await webPods(cluster)
    await cluster.kubectl('delete', 'pod', victim?.metadata.name ?? '')
    await eventually('a replacement', async () => {
      const pods = await webPods(cluster)
      return (
        pods.length === 3 &&
        pods.every(({ metadata, status }) => metadata.uid !== victim?.metadata.uid && status.containerStatuses?.[0]?.ready)
      )
    })
  })

  it('a drained node is empty, a cordoned one takes nothing, and uncordoned it does again', async () => {
    await cluster.kubectl('drain', 'node-2', '--timeout=90s')
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
    expect(new Set((await webPods(cluster)).map(({ spec }) => spec.nodeName))).toEqual(new Set(['node-1']))
    expect(await cluster.kubectl('get', 'node', 'node-2')).toContain('SchedulingDisabled')
    await cluster.kubectl('uncordon', 'node-2')
    await cluster.kubectl('rollout', 'restart', 'deployment/web')
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
    await eventually('pods on both nodes again', async () => new Set((await webPods(cluster)).map(({ spec }) => spec.nodeName)).size === 2)
  })

  it('a pod that fits nowhere says why', async () => {
    await cluster.apply(
      `{apiVersion: v1, kind: Pod, metadata: {name: giant}, spec: {containers: [{name: a, image: busybox:1, resources: {requests: {memory: 900Gi}}}]}}`,
    )
    await eventually('the reason', async () =>
      (await cluster.kubectl('describe', 'pod', 'giant')).includes('0/2 nodes are available: 2 Insufficient memory'),
    )
    await cluster.kubectl('delete', 'pod', 'giant')
  })
})

/** An HTTP request with what a static busybox has (its wget wants a libc beside it). */
const getFromPod = (url: string) => {
  const { hostname, port } = new URL(url)
  return `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 ${hostname} ${port || 80}`
}

const clientPod = (node: string, script: string) => `
apiVersion: v1
kind: Pod
metadata: { name: client-${node}, labels: { role: client } }
spec:
  nodeName: ${node}
  restartPolicy: Never
  containers:
    - name: client
      image: docker.io/library/busybox:1
      command: [sh, -c, ${JSON.stringify(script)}]
`

const hairpinPod = (url: string) => `
apiVersion: v1
kind: Pod
metadata: { name: hairpin, labels: { app: hairpin } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: self
      image: docker.io/library/busybox:1
      command: [sh, -c, ${JSON.stringify(`echo hello myself > /www/index.html; httpd -p 8080 -h /www; while true; do ${getFromPod(url)}; sleep 1; done`)}]
`

const udp = `
apiVersion: v1
kind: Service
metadata: { name: udp }
spec: { selector: { app: udp }, ports: [{ port: 5353, protocol: UDP }] }
---
apiVersion: v1
kind: Pod
metadata: { name: udp, labels: { app: udp } }
spec:
  nodeName: node-1
  terminationGracePeriodSeconds: 0
  containers:
    - name: listener
      image: docker.io/library/socat:1
      args: ["UDP-LISTEN:5353,fork", "EXEC:/bin/busybox cat"]
`

/** Asks again and again, each time on a new connection, until stopped. */
function startLoad(cluster: TestCluster, url: string) {
  const failures: string[] = []
  let requests = 0
  const stop = new AbortController()
  const done = (async () => {
    while (!stop.signal.aborted) {
      const { code, stderr } = await cluster.onNode(requests % 2, 'curl', '-sSf', '--max-time', '5', '-o', '/dev/null', url)
      requests += 1
      if (code !== 0) failures.push(stderr)
    }
  })()
  return {
    async stop() {
      stop.abort()
      await done
      return { requests, failures }
    },
  }
}
