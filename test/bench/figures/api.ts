import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { startTestCluster, type TestCluster } from '../../harness/cluster.ts'
import { agentOf, ask } from '../../attacks/watcher.ts'
import { apiOf, http2Gets, load, type LoadResult, type Target } from '../api-load.ts'
import { bareHttps } from '../bare-https.ts'
import { defineFigure, median, type Row } from '../figure.ts'
import { cpuSeconds } from '../process.ts'

/** Durable creates, reads and lists, by 1 and 16 clients. */
export const api = defineFigure('api', async () => {
  await using cluster = await startTestCluster({ nodes: 1 })
  const target = apiOf(cluster)
  const hub = cluster.pidOf('hub')
  const rows: Row[] = []
  const measured = (calls: number, run: (round: number) => Promise<LoadResult>) => medianOfRounds(hub, calls, run)

  const configMap = (name: string) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value: 'x'.repeat(1024) } })
  const creates = async (clients: number, total: number, prefix: string) =>
    load(target, clients, total, (index) => ({
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps',
      body: configMap(`${prefix}-${index}`),
    }))
  // V8 needs a few thousand of them until the hub's code is the one that it keeps.
  await creates(16, 6_000, 'warm')
  const syncs = syncFloor(cluster.home)
  for (const [clients, total] of [
    [1, 1_000],
    [16, 4_000],
  ] as const) {
    const { perSecond, cpu } = await measured(total, (round) => creates(clients, total, `of-${clients}-${round}`))
    rows.push({
      figure: `durable creates, ${clients} client${clients > 1 ? 's' : ''}`,
      value: perSecond,
      unit: '/s',
      floor: syncs,
      floorIs: '1 KiB write + fdatasync, one at a time',
      aim: clients === 16 ? '≥ 3000/s' : '',
    })
    rows.push({ figure: `  hub CPU for 1000 of them`, value: cpu, unit: 's', aim: clients === 16 ? '≤ 0.35 s' : '' })
  }

  const oneMap = '/api/v1/namespaces/default/configmaps/warm-1'
  const floor = await httpsFloor(target, await bytesOf(target, oneMap))
  const gets = () => load(target, 16, 10_000, () => ({ method: 'GET', path: oneMap }))
  await gets()
  const got = await measured(10_000, gets)
  rows.push({
    figure: 'GET, 16 clients',
    value: got.perSecond,
    unit: '/s',
    floor: floor.perSecond,
    floorIs: 'bare node:https, the same bytes',
    aim: '',
  })
  rows.push({
    figure: '  hub CPU for 1000 of them',
    value: got.cpu,
    unit: 's',
    floor: floor.cpuPerThousand,
    floorIs: 'bare node:https',
    aim: '≤ 2 × the floor',
  })

  rows.push(...(await applies(target, measured)))

  await thousandPods(cluster)
  const path = '/api/v1/namespaces/many/pods'
  const bare = await bareHttps(target, await bytesOf(target, path))
  const lists = (of: Target) => load(of, 1, 60, () => ({ method: 'GET', path }))
  await lists(bare.target)
  const listFloor = (await lists(bare.target)).medianMs
  bare.end()
  await lists(target)
  const listed = { unit: 'ms', floor: listFloor, floorIs: 'bare node:https, as many bytes', aim: '≤ 6 ms' }
  rows.push({ figure: 'LIST of 1000 pods', value: (await lists(target)).medianMs, ...listed })
  await http2Gets(target, 60, path)
  rows.push({ figure: '  over HTTP/2, as kubectl', value: (await http2Gets(target, 60, path)).medianMs, ...listed })
  return rows
})

/**
 * A Deployment whose image changes, as helm applies it and as a merge patch of all of it. It is paused: otherwise each change makes a ReplicaSet,
 * whose five writes would be most of the figure.
 */
async function applies(
  target: Target,
  measured: (calls: number, run: (round: number) => Promise<LoadResult>) => Promise<{ perSecond: number; cpu: number }>,
): Promise<Row[]> {
  const total = 2_000
  const changes = (query: string, contentType: string) =>
    load(target, 16, total, (index) => {
      const name = `web-${index % 100}`
      const path = `/apis/apps/v1/namespaces/default/deployments/${name}?fieldManager=${query}`
      return { method: 'PATCH', path, contentType, body: deployment(name, `image:${query.length}-${index}`) }
    })
  const apply = () => changes('helm&force=true', 'application/apply-patch+yaml')
  const merge = () => changes('kubectl-patch', 'application/merge-patch+json')
  await apply()
  await merge()
  const [applied, patched] = [await measured(total, apply), await measured(total, merge)]
  return [
    { figure: 'server-side apply of a Deployment, 16 clients', value: applied.perSecond, unit: '/s', aim: '' },
    {
      figure: '  hub CPU for 1000 of them',
      value: applied.cpu,
      unit: 's',
      floor: patched.cpu,
      floorIs: 'a merge patch of the same',
      aim: '≤ 1.5 × the patch',
    },
  ]
}

const deployment = (name: string, image: string): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: name } },
    spec: {
      paused: true,
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              ...{ name: 'main', image, ports: [{ name: 'http', containerPort: 80 }], env: [{ name: 'A', value: '1' }] },
              readinessProbe: { httpGet: { path: '/', port: 'http' } },
              resources: { requests: { cpu: '10m', memory: '16Mi' } },
            },
          ],
        },
      },
    },
  })

const rounds = 3

/** The middle of some rounds, because a neighbour's work must not become a figure of ours. */
async function medianOfRounds(pid: number, calls: number, run: (round: number) => Promise<LoadResult>) {
  const rates: number[] = []
  const cpus: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuSeconds(pid)
    rates.push((await run(round)).perSecond)
    cpus.push(((cpuSeconds(pid) - before) / calls) * 1000)
  }
  return { perSecond: median(rates), cpu: median(cpus) }
}

/** Pods that no node can take: objects only. */
async function thousandPods(cluster: TestCluster): Promise<void> {
  await cluster.kubectl('create', 'namespace', 'many')
  const pod = (index: number) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${index}`, labels: { app: 'many' } },
      spec: {
        schedulerName: 'nobody',
        containers: [
          {
            name: 'a',
            image: 'docker.io/library/busybox:1',
            env: [{ name: 'A', value: '1' }],
            resources: { requests: { cpu: '10m', memory: '16Mi' } },
          },
        ],
      },
    })
  await load(apiOf(cluster), 16, 1_000, (index) => ({ method: 'POST', path: '/api/v1/namespaces/many/pods', body: pod(index) }))
}

/** What the disk gives: 1 KiB appended and synced, one after the other, per second. */
function syncFloor(folder: string): number {
  const dir = mkdtempSync(join(folder, 'floor-'))
  const file = openSync(join(dir, 'file'), 'w')
  const data = Buffer.alloc(1024, 'x')
  const start = performance.now()
  const count = 500
  for (let index = 0; index < count; index += 1) {
    writeSync(file, data)
    fdatasyncSync(file)
  }
  const perSecond = count / ((performance.now() - start) / 1000)
  closeSync(file)
  rmSync(dir, { recursive: true })
  return perSecond
}

/** The same calls against what only has node:https, and as many bytes. */
async function httpsFloor(target: Target, bytes: number): Promise<{ perSecond: number; cpuPerThousand: number }> {
  const bare = await bareHttps(target, bytes)
  try {
    const calls = () => load(bare.target, 16, 10_000, () => ({ method: 'GET', path: '/' }))
    await calls()
    const { perSecond, cpu } = await medianOfRounds(bare.pid, 10_000, calls)
    return { perSecond, cpuPerThousand: cpu }
  } finally {
    bare.end()
  }
}

async function bytesOf(target: Target, path: string): Promise<number> {
  const agent = agentOf(target)
  try {
    return Buffer.byteLength((await ask(agent, target.port, { method: 'GET', path })).text)
  } finally {
    agent.destroy()
  }
}
