import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { createCri } from '@bramble/edge-agent/cri/client.ts'
import { connect } from '@bramble/hub/cli/cluster/connect.ts'
import { removeAllCgroups } from '@bramble/edge-agent/kubelet/resources/cgroups.ts'
import { eventually, startTestCluster, type TestCluster } from '../../harness/cluster.ts'
import { defineFigure, median } from '../figure.ts'

const rounds = 20
const image = 'docker.io/library/busybox:1'

/** From POST to Running in the API, beside what the same containerd takes for a sandbox and a container through CRI alone. */
export const podStart = defineFigure('pod-start', async () => {
  await using cluster = await startTestCluster({ nodes: 1 })
  await cluster.importImage('busybox-1.tar')
  await throughApi(cluster, 'warm')
  await throughCri(cluster, 'warm')
  const api: number[] = []
  const bare: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    api.push(await throughApi(cluster, `round-${round}`))
    bare.push(await throughCri(cluster, `round-${round}`))
  }
  await removeAllCgroups('bench')
  return [
    {
      figure: 'pod start, image present',
      value: median(api),
      unit: 'ms',
      floor: median(bare),
      floorIs: 'sandbox + create + start through CRI',
      aim: 'floor + 100 ms',
    },
  ]
})

async function throughApi(cluster: TestCluster, name: string): Promise<number> {
  const client = connect(cluster.layout.kubeconfig)
  const stop = new AbortController()
  try {
    const { metadata } = await client.list(pods, { namespace: 'default' })
    const running = (async () => {
      const query = { namespace: 'default', fieldSelector: `metadata.name=${name}`, resourceVersion: metadata.resourceVersion }
      for await (const { object } of client.watch(pods, query, { signal: stop.signal }))
        if (object.status?.phase === 'Running') return performance.now()
      throw new Error(`the watch ended before ${name} ran`)
    })()
    const start = performance.now()
    await client.create(pods, pod(name))
    return (await running) - start
  } finally {
    stop.abort()
    await client.delete(pods, { namespace: 'default', name }, { gracePeriodSeconds: 0 })
    client.close()
    await allGone(cluster)
  }
}

const pod = (name: string): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'a', image, command: ['sleep', '600'] }] },
  }) as Pod // the API fills in the defaults

/** The end of one pod must not be measured as the start of the next. */
async function allGone({ layout, nodes }: TestCluster): Promise<void> {
  const cri = createCri(layout.node(nodes[0] ?? '').containerdSocket)
  await eventually('no sandbox left', async () => (await cri.listPodSandboxes()).length === 0)
  cri.close()
}

async function throughCri({ layout, nodes }: TestCluster, name: string): Promise<number> {
  const cri = createCri(layout.node(nodes[0] ?? '').containerdSocket)
  const logDirectory = '/tmp/bramble-bench-logs'
  const metadata = { name: `bare-${name}`, namespace: 'bench', uid: `bare-${name}`, attempt: 0 }
  const sandboxConfig = { metadata, hostname: metadata.name, logDirectory, linux: { cgroupParent: '/bramble-bench' } }
  const start = performance.now()
  const sandbox = await cri.runPodSandbox(sandboxConfig)
  const container = await cri.createContainer(
    sandbox,
    { metadata: { name: 'a', attempt: 0 }, image: { image }, command: ['sleep', '600'], logPath: 'a.log', linux: {} },
    sandboxConfig,
  )
  await cri.startContainer(container)
  const elapsed = performance.now() - start
  await cri.stopContainer(container, 0)
  await cri.removeContainer(container)
  await cri.stopPodSandbox(sandbox)
  await cri.removePodSandbox(sandbox)
  cri.close()
  return elapsed
}
