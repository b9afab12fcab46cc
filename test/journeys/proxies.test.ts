import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { controlGroupOf } from '../harness/control-group.ts'

describe("what is behind the API's proxies, on a real containerd", () => {
  let cluster: TestCluster
  const raw = (path: string) => cluster.kubectl('get', '--raw', path)
  const node = () => `/api/v1/nodes/${cluster.nodes[0]}/proxy`
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await cluster.importImage('busybox-1.tar')
    await cluster.apply(manifest)
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/box', '--timeout=90s')
  })
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]()
  })

  it('a pod and a Service answer, each with their own pages', async () => {
    const of = '/api/v1/namespaces/default'
    expect(await raw(`${of}/pods/box:8080/proxy/index.html`)).toBe(`<a href="${of}/pods/box:8080/proxy/next">box</a>\n`)
    await eventually('an endpoint', async () => (await cluster.tryKubectl('get', '--raw', `${of}/services/web:80/proxy/plain`)).code === 0)
    expect(await raw(`${of}/services/web:80/proxy/plain`)).toBe('from a file\n')
    expect((await cluster.tryKubectl('get', '--raw', `${of}/pods/box:8080/proxy/none`)).stderr).toContain(
      'could not find the requested resource',
    )
    expect((await cluster.tryKubectl('get', '--raw', `${of}/pods/box:9/proxy/`)).stderr).toContain(
      'error trying to reach service: dial tcp',
    )
  })

  it('kubectl proxy brings them to a browser', async () => {
    const child = cluster.spawnKubectl('proxy', '--port=0')
    try {
      const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer]
      const port = /:(\d+)\s*$/.exec(line.toString())?.[1]
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/default/pods/box:8080/proxy/index.html`)
      expect(await answer.text()).toContain('box</a>')
    } finally {
      child.kill()
      await once(child, 'close')
    }
  })

  it('the agent tells of its health and of the pods that it has', async () => {
    expect(await raw(`${node()}/healthz`)).toBe('ok')
    const { kind, items } = JSON.parse(await raw(`${node()}/pods`)) as { kind: string; items: { metadata: { name: string } }[] }
    expect([kind, items.map(({ metadata }) => metadata.name)]).toEqual(['PodList', ['box']])
    const unknown = await cluster.tryKubectl('get', '--raw', `${node()}/run/default/box/main`)
    expect(unknown.code).not.toBe(0)
  })

  it("what a pod uses is what the kernel's own counters say", async () => {
    const { metadata } = await cluster.json<{ metadata: { uid: string } }>('get', 'pod', 'box')
    const group = await controlGroupOf(cluster, 'box', 'main')
    const before = group.cpuSeconds()
    const page = await raw(`${node()}/metrics/cadvisor`)
    const after = group.cpuSeconds()
    const told = valueOf(page, 'container_cpu_usage_seconds_total', { container: 'main', pod: 'box', cpu: 'total' })
    expect(told).toBeGreaterThanOrEqual(before)
    expect(told).toBeLessThanOrEqual(after)
    for (const name of usual) expect(page, name).toMatch(new RegExp(`^${name}[{ ]`, 'm'))
    expect(valueOf(page, 'container_spec_memory_limit_bytes', { container: 'main', pod: 'box' })).toBe(64 * 1024 * 1024)
    expect(valueOf(page, 'container_network_receive_bytes_total', { pod: 'box', interface: 'eth0' })).toBeGreaterThan(0)

    const resource = await raw(`${node()}/metrics/resource`)
    expect(valueOf(resource, 'container_memory_working_set_bytes', { container: 'main', pod: 'box' })).toBeGreaterThan(50_000)
    expect(valueOf(resource, 'node_memory_working_set_bytes', {})).toBeGreaterThan(10_000_000)

    const summary = JSON.parse(await raw(`${node()}/stats/summary`)) as Summary
    expect(summary.node).toMatchObject({ nodeName: cluster.nodes[0], cpu: { usageNanoCores: expect.any(Number) as number } })
    expect(summary.pods).toMatchObject([
      {
        podRef: { name: 'box', namespace: 'default', uid: metadata.uid },
        containers: [
          {
            name: 'main',
            cpu: { usageNanoCores: expect.any(Number) as number },
            memory: { workingSetBytes: expect.any(Number) as number },
          },
        ],
        network: { name: 'eth0', rxBytes: expect.any(Number) as number },
      },
    ])
    expect(summary.pods[0]?.containers[0]?.cpu.usageNanoCores).toBeGreaterThan(100_000_000)
  })
})

type Summary = {
  readonly node: object
  readonly pods: readonly { readonly containers: readonly { readonly cpu: { readonly usageNanoCores: number } }[] }[]
}

/** What the mixins of Kubernetes' usual dashboards ask cAdvisor for. */
const usual = [
  ...['container_cpu_usage_seconds_total', 'container_memory_working_set_bytes', 'container_memory_rss', 'container_memory_cache'],
  ...['container_memory_usage_bytes', 'container_network_receive_bytes_total', 'container_network_transmit_bytes_total'],
  ...['container_network_receive_packets_total', 'container_network_transmit_packets_total'],
  ...['container_network_receive_packets_dropped_total', 'container_network_transmit_packets_dropped_total'],
  ...['container_fs_reads_total', 'container_fs_writes_total', 'container_fs_reads_bytes_total', 'container_fs_writes_bytes_total'],
  ...['container_fs_usage_bytes', 'container_start_time_seconds', 'machine_cpu_cores', 'machine_memory_bytes'],
]

function valueOf(page: string, name: string, labels: Readonly<Record<string, string>>): number {
  const line = page
    .split('\n')
    .find(
      (each) =>
        (each.startsWith(`${name}{`) || each.startsWith(`${name} `)) &&
        Object.entries(labels).every(([key, value]) => each.includes(`${key}="${value}"`)),
    )
  return Number(line?.split(' ').at(-1) ?? Number.NaN)
}

const manifest = `
apiVersion: v1
kind: Pod
metadata: { name: box, labels: { app: box } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: docker.io/library/busybox:1
      ports: [{ containerPort: 8080 }]
      resources: { requests: { memory: 16Mi }, limits: { memory: 64Mi, cpu: 400m } }
      command:
        - sh
        - -c
        - |
          mkdir -p /srv && echo '<a href="/next">box</a>' > /srv/index.html && echo 'from a file' > /srv/plain
          httpd -p 8080 -h /srv
          touch /tmp/ready
          while true; do true; done
      readinessProbe: { exec: { command: [test, -e, /tmp/ready] }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: box }, ports: [{ port: 80, targetPort: 8080 }] }
`
