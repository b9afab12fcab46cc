import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { examples, eventually, type TestCluster } from './cluster.ts'

export type PodList = {
  items: { metadata: { name: string; uid: string; deletionTimestamp?: string }; spec: { nodeName?: string }; status: PodStatus }[]
}
export type PodStatus = {
  phase: string
  podIP?: string
  conditions?: { type: string; status: string; reason?: string; message?: string }[]
  containerStatuses?: {
    containerID?: string
    restartCount: number
    ready: boolean
    state?: { waiting?: { reason?: string; message?: string }; terminated?: { reason?: string; exitCode: number } }
    lastState?: { terminated?: { reason?: string; exitCode: number } }
  }[]
}

/** The example of the README, brought up and ready. */
export async function deployWeb(cluster: TestCluster, atNodePort = 30_080): Promise<{ clusterIP: string; nodePort: number }> {
  await cluster.importImage('busybox-1.tar')
  await cluster.apply(readFileSync(join(examples, 'web.yaml'), 'utf8').replace('30080', String(atNodePort)))
  await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
  const { spec } = await cluster.json<{ spec: { clusterIP: string; ports: { nodePort: number }[] } }>('get', 'service', 'web')
  return { clusterIP: spec.clusterIP, nodePort: spec.ports[0]?.nodePort ?? 0 }
}

/** The web pods that are not on their way out. */
export const webPods = async (cluster: TestCluster) =>
  (await cluster.json<PodList>('get', 'pods', '-l', 'app=web')).items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)

/** Asks from a node until the answer comes from one of ours; rules follow the API within moments. */
export const fetchFrom = (cluster: TestCluster, node: number, url: string) =>
  eventually(
    `an answer from ${url} on node ${node + 1}`,
    async () => {
      const { code, stdout, stderr } = await cluster.onNode(node, 'curl', '-sS', '--max-time', '3', url)
      if (code !== 0) throw new Error(stderr)
      return stdout.includes('hello from') ? stdout : undefined
    },
    60_000,
  )
