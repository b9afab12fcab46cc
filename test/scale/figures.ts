import { agentOf, ask } from '../attacks/watcher.ts'
import { type ApiCall, load, type Target } from '../bench/api-load.ts'
import { median, type Row } from '../bench/figure.ts'
import { cpuSeconds, memoryMiB } from '../bench/process.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { nodeStatus, runningStatus } from './agent.ts'
import { bareCpuSeconds } from './bare-broker.ts'
import { credentialsOf, serverOf } from './credentials.ts'
import { startFleet } from './fleet.ts'
import { startHub } from './hub.ts'
import { type Seen, watching } from './onlooker.ts'

const podsToPlace = 2_000
const podsToList = 10_000
const replicas = 500
/** Nodes that are objects only: Kubernetes' own scheduling benchmark has so many. */
const objectsOnly = 1_000
const restMs = 15_000
/** How often each pod is told of once more. */
const rounds = 4
/** Of a frame, about. */
const headerBytes = 200
/** Connections beyond that cost the bare broker no less. */
const bareClients = 1_000

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export type ScaleOptions = { readonly nodeArgs: readonly string[]; readonly onlyJoin: boolean }

/** The figures of a hub of its own with so many simulated agents; with 0 of a thousand Nodes that nobody speaks for. */
export async function scaleTo(agents: number, { nodeArgs, onlyJoin }: ScaleOptions): Promise<readonly Row[]> {
  await using hub = await startHub(nodeArgs)
  const { admin, pid } = hub
  const rows: Row[] = []
  const of = agents === 0 ? `${objectsOnly} Nodes` : `${agents} agents`
  const add = (figure: string, value: number, unit: string, aim = '', floor?: number) =>
    void rows.push({
      figure: `${of}: ${figure}`,
      value,
      unit,
      aim,
      ...(floor !== undefined && { floor, floorIs: 'bare aedes and an echo' }),
    })
  const addSeen = ({ rssBefore, rssMost, rssAfter, stallMs }: Seen) => {
    add('  longest stall of the hub', stallMs, 'ms', 'some tens')
    add('  hub RSS before', rssBefore, 'MiB')
    add('  hub RSS most', rssMost, 'MiB')
    add('  hub RSS after', rssAfter, 'MiB')
  }
  const api = askerOf(admin)
  const names = Array.from({ length: agents === 0 ? objectsOnly : agents }, (_, index) => `node-${index}`)
  const fleet = startFleet()
  try {
    await load(admin, 16, names.length, (index) => ({
      method: 'POST',
      path: '/api/v1/nodes',
      body: JSON.stringify(nodeOf(names[index] ?? '')),
    }))
    if (agents === 0) {
      // Many at once: a Node that nobody speaks for is found unreachable after a while, and then takes no pods.
      await load(admin, 16, names.length, (index) => nodeStatusCall(names[index] ?? ''))
    } else {
      const credentials = await credentialsOf(hub, names)
      const { seen } = await watching(pid, admin, () => fleet.join(hub.hubUrl, credentials))
      add('time to join', seen.seconds, 's')
      add('  hub CPU for one of them', (seen.cpuSeconds / agents) * 1000, 'ms')
      addSeen(seen)
      console.log(`  calls of simulated agents that had to be made again: ${fleet.retries()}`)
      await pause(restMs)
    }
    if (agents > 0) add('hub CPU at rest', (await idleCpu(pid)) * 100, '% of a core')
    if (onlyJoin) return rows
    // What the onlooker asks is none of the agents' doing.
    const rest = agents === 0 ? undefined : (await watching(pid, admin, () => pause(restMs))).seen
    const idle = rest === undefined ? 0 : rest.cpuSeconds / rest.seconds

    // Placing alone: nobody tells yet what became of the pods.
    fleet.hush()
    const placing = await watching(pid, admin, async () => {
      await load(admin, 16, podsToPlace, (index) => ({ method: 'POST', path: podsPath, body: JSON.stringify(podOf(`placed-${index}`)) }))
      await api.until(api.areAllPlaced)
    })
    const { seen } = placing
    add(`${podsToPlace} pods made and placed`, podsToPlace / seen.seconds, '/s', '≥ 500/s')
    add('  hub CPU for one of them', (seen.cpuSeconds / podsToPlace) * 1000, 'ms')
    addSeen(seen)
    await pause(restMs)
    add('  hub RSS 15 s later', memoryMiB(pid).rss, 'MiB', agents === 0 ? '≤ 130 MiB' : '')
    if (agents === 0) return rows

    // A request of an agent and its answer in their sizes, over as many connections, with nothing behind the broker.
    const placed = (await api.get(`${podsPath}/placed-0`)) as Pod
    const requestBytes = headerBytes + JSON.stringify({ metadata: { uid: placed.metadata.uid }, status: runningStatus(placed, 0) }).length
    const bareMs =
      1000 *
      (await bareCpuSeconds({
        tls: await serverOf(hub),
        credentials: await credentialsOf(hub, names.slice(0, bareClients)),
        rounds: rounds * 2,
        requestBytes,
        answerBytes: headerBytes + JSON.stringify(placed).length,
      }))

    const telling = async (what: string, statuses: number, aim: string, begin: () => Promise<void> | void) => {
      const told = fleet.told()
      const { seen } = await watching(pid, admin, async () => {
        await begin()
        await api.until(async () => fleet.told() - told >= statuses)
      })
      add(what, statuses / seen.seconds, '/s')
      add('  hub CPU for one, less that at rest', ((seen.cpuSeconds - idle * seen.seconds) / statuses) * 1000, 'ms', aim, bareMs)
      addSeen(seen)
    }
    await telling(`${podsToPlace} statuses of pods`, podsToPlace, '', fleet.tell)
    // A hub that has just started runs most of this for the first time; one that lives has it compiled.
    await telling(`${podsToPlace * rounds} more of them`, podsToPlace * rounds, '≤ 0.5 ms', async () => {
      for (let round = 1; round <= rounds; round += 1) {
        const told = fleet.told()
        fleet.again(round)
        await api.until(async () => fleet.told() - told >= podsToPlace)
      }
    })
    console.log(`  calls of simulated agents that had to be made again: ${fleet.retries()}`)

    // The same by people and controllers: the agents hear of each, over the watches that they have open.
    const { items } = (await api.get(`${podsPath}?limit=${podsToPlace}`)) as { items: readonly Pod[] } // a list
    for (const method of ['PATCH', 'PUT'] as const) {
      const calls = items.map((pod) => statusCall(method, pod, rounds + (method === 'PUT' ? 2 : 1)))
      const { seen } = await watching(pid, admin, () => load(admin, 16, calls.length, (index) => calls[index] as ApiCall)) // below their number
      add(`${calls.length} statuses of pods over HTTPS, ${method}`, calls.length / seen.seconds, '/s')
      add('  hub CPU for one, less that at rest', ((seen.cpuSeconds - idle * seen.seconds) / calls.length) * 1000, 'ms', '≤ 0.5 ms')
      addSeen(seen)
    }

    const scaling = await watching(pid, admin, async () => {
      await api.post('/apis/apps/v1/namespaces/default/deployments', deployment)
      await api.until(async () => (await api.readyReplicas()) === replicas)
    })
    add(`Deployment 0 → ${replicas}, all ready`, scaling.seen.seconds, 's')
    addSeen(scaling.seen)

    fleet.hush()
    const more = podsToList - podsToPlace - replicas
    await load(admin, 16, more, (index) => ({
      method: 'POST',
      path: podsPath,
      body: JSON.stringify(podOf(`there-${index}`, names[index % names.length])),
    }))
    const lists: number[] = []
    for (let index = 0; index < 100; index += 1) {
      const at = performance.now()
      await api.get(`/api/v1/pods?fieldSelector=spec.nodeName%3D${names[index % names.length]}`)
      lists.push(performance.now() - at)
    }
    add(`LIST of one node's among ${podsToList} pods`, median(lists), 'ms', '≤ 5 ms')
    return rows
  } finally {
    await fleet.end()
    api.end()
  }
}

const podsPath = '/api/v1/namespaces/default/pods'

/** What the hub uses of a core while nothing happens but Leases. */
async function idleCpu(pid: number): Promise<number> {
  const [at, cpu] = [performance.now(), cpuSeconds(pid)]
  await pause(restMs)
  return (cpuSeconds(pid) - cpu) / ((performance.now() - at) / 1000)
}

function askerOf(admin: Target) {
  const agent = agentOf(admin)
  const send = async (method: string, path: string, body?: unknown, contentType?: string): Promise<unknown> => {
    const { status, text } = await ask(agent, admin.port, {
      ...{ method, path },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(contentType !== undefined && { contentType }),
    })
    if (status >= 400) throw new Error(`${method} ${path} answered ${status}: ${text}`)
    return JSON.parse(text)
  }
  return {
    get: (path: string) => send('GET', path),
    post: (path: string, body: unknown) => send('POST', path, body),
    async areAllPlaced(): Promise<boolean> {
      const { items } = (await send('GET', `${podsPath}?limit=1&fieldSelector=spec.nodeName%3D`)) as { items: unknown[] } // a list
      return items.length === 0
    },
    async readyReplicas(): Promise<number> {
      const { status } = (await send('GET', '/apis/apps/v1/namespaces/default/deployments/many')) as { status?: { readyReplicas?: number } }
      return status?.readyReplicas ?? 0
    },
    async until(isSo: () => Promise<boolean>): Promise<void> {
      const giveUpAt = performance.now() + 300_000
      while (!(await isSo())) {
        if (performance.now() > giveUpAt) throw new Error('it did not come to that in five minutes: are all Nodes ready?')
        await pause(20)
      }
    },
    end: () => agent.destroy(),
  }
}

const nodeOf = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/arch': 'arm64', 'kubernetes.io/os': 'linux' } },
})

const podSpec = {
  containers: [
    {
      name: 'main',
      image: 'docker.io/library/image-1:1',
      env: [{ name: 'A', value: '1' }],
      resources: { requests: { cpu: '100m', memory: '64Mi' } },
    },
  ],
}

const podOf = (name: string, nodeName?: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: 'scale' } },
  spec: { ...podSpec, ...(nodeName !== undefined && { nodeName }) },
})

/** A PUT carries no version: whoever was faster has not changed what it says. */
const nodeStatusCall = (name: string): ApiCall => ({
  method: 'PATCH',
  path: `/api/v1/nodes/${name}/status`,
  contentType: 'application/strategic-merge-patch+json',
  body: JSON.stringify({ status: nodeStatus(name) }),
})

const statusCall = (method: 'PATCH' | 'PUT', pod: Pod, restarts: number): ApiCall => {
  const { name, namespace, uid } = pod.metadata
  const status = runningStatus(pod, restarts)
  const body = method === 'PATCH' ? { metadata: { uid }, status } : { ...pod, metadata: { name, namespace, uid }, status }
  const contentType = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json'
  return { method, path: `${podsPath}/${name}/status`, body: JSON.stringify(body), contentType }
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'many', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'many' } },
    template: { metadata: { labels: { app: 'many' } }, spec: podSpec },
  },
}
