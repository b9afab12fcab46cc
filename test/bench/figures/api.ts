import { fork } from 'node:child_process'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { startTestCluster, type TestCluster } from '../../harness/cluster.ts'
import { apiOf, http2Gets, load, type LoadResult, type Target } from '../api-load.ts'
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
      aim: clients === 16 ? '≥ 2000/s' : '',
    })
    rows.push({ figure: `  hub CPU for 1000 of them`, value: cpu, unit: 's', aim: clients === 16 ? '≤ 0.6 s' : '' })
  }

  const floor = await httpsFloor(target)
  const gets = () => load(target, 16, 10_000, () => ({ method: 'GET', path: '/api/v1/namespaces/default/configmaps/warm-1' }))
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
    aim: '≤ 0.3 s',
  })

  rows.push(...(await applies(target, measured)))

  await thousandPods(cluster)
  const path = '/api/v1/namespaces/many/pods'
  const lists = () => load(target, 1, 30, () => ({ method: 'GET', path }))
  await lists()
  rows.push({ figure: 'LIST of 1000 pods', value: (await lists()).medianMs, unit: 'ms', aim: '≤ 15 ms' })
  await http2Gets(target, 30, path)
  rows.push({ figure: '  over HTTP/2, as kubectl', value: (await http2Gets(target, 30, path)).medianMs, unit: 'ms', aim: '≤ 15 ms' })
  return rows
})

/** A Deployment whose image changes, as helm applies it and as a merge patch of all of it. */
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

/** The same calls against a process that only has node:https and one answer. */
async function httpsFloor(target: Target): Promise<{ perSecond: number; cpuPerThousand: number }> {
  const dir = mkdtempSync('/tmp/bramble-floor-')
  const script = join(dir, 'server.mjs')
  const { writeFileSync } = await import('node:fs')
  writeFileSync(
    script,
    `import { createServer } from 'node:https'
process.once('message', ({ key, cert, ca }) => {
  const answer = JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'warm-1', namespace: 'default', uid: '0', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }, data: { value: 'x'.repeat(1024) } })
  const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: false }, (request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer))
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
})`,
  )
  const child = fork(script)
  try {
    // The administrator's own certificate serves here: only the work of TLS counts, so nobody checks the name.
    const port = await new Promise<number>((resolve) => {
      child.once('message', (message) => resolve(message as number))
      child.send({ key: target.key.toString(), cert: target.cert.toString(), ca: target.ca.toString() })
    })
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    const calls = () => load({ ...target, port }, 16, 10_000, () => ({ method: 'GET', path: '/' }))
    await calls()
    const { perSecond, cpu } = await medianOfRounds(child.pid ?? 0, 10_000, calls)
    return { perSecond, cpuPerThousand: cpu }
  } finally {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    child.kill()
    rmSync(dir, { recursive: true })
  }
}
