import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { startTestCluster } from '../../harness/cluster.ts'
import { apiOf, type Target } from '../api-load.ts'
import { defineFigure, median, type Row } from '../figure.ts'
import { memoryMiB } from '../process.ts'
import { bareCri, bareTls } from '../streams/bare.ts'
import { execFlow, type Flow, forwarded, fromPort, megabyte, toPort } from '../streams/flow.ts'
import { lookedAt } from '../streams/onlooker.ts'

const total = 256 * megabyte
const slow = 10_000_000
const rounds = 20
const ports = { source: 7000, sink: 7001 }
const source = ['dd', 'if=/dev/zero', 'bs=65536', `count=${total / 65_536}`, 'status=none']
const sink = ['wc', '-c']

/** Bytes between a user and a pod over the node's one connection: how many, what they take of hub and agent, and who waits for them meanwhile. */
export const streams = defineFigure('streams', async () => {
  await using cluster = await startTestCluster({ nodes: 1 })
  await cluster.importImage('busybox-1.tar')
  await cluster.apply(manifest)
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod/box', '--timeout=60s')
  const target = apiOf(cluster)
  const sight = { target, node: cluster.nodes[0] ?? '', hub: cluster.pidOf('hub'), agent: cluster.pidOf(cluster.nodes[0] ?? '') }
  const rows: Row[] = []
  await using door = await forwarded(cluster, 'box', Object.values(ports))
  const { status } = await cluster.json<{ status: { podIP: string } }>('get', 'pod', 'box')
  const tls = await bareTls(target)
  const cri = bareCri(cluster.layout.node(sight.node).containerdSocket)
  const id = await cri.idOf('box')

  // What is loaded and compiled on first use is no part of a stream.
  await fromPort(door.at(ports.source))
  await toPort(door.at(ports.sink), total / 4)
  await sleep(settledMs)
  const rest = memoryMiB(sight.hub).rss
  const agentRest = memoryMiB(sight.agent).rss
  const quiet = await lookedAt(sight, () => sleep(3_000))

  const pod = (port: number) => ({ host: status.podIP, port })
  const download = await lookedAt(sight, () => pace(() => fromPort(door.at(ports.source))))
  const upload = await lookedAt(sight, () => pace(() => toPort(door.at(ports.sink), total)))
  const tlsFloor = { from: await pace(() => tls.from(pod(ports.source))), to: await pace(() => tls.to(pod(ports.sink), total)) }
  const command = (what: readonly string[]) => ['box', '--', ...what]
  const said = await lookedAt(sight, () => pace(() => execFlow(cluster, command(source))))
  const heard = await lookedAt(sight, () => pace(() => execFlow(cluster, command(sink), total)))
  const criFloor = { from: await pace(() => cri.run(id, source)), to: await pace(() => cri.run(id, sink, total)) }
  const paced = await lookedAt(sight, () => fromPort(door.at(ports.source), slow).then(Number))
  await sleep(settledMs)

  const bytes = { unit: 'MB/s' }
  const throughTls = 'TLS through one Node process'
  const throughCri = "the runtime's stream alone"
  rows.push(
    { figure: 'port-forward, from the pod', value: download.value, ...bytes, floor: tlsFloor.from, floorIs: throughTls, aim: '≥ 100 MB/s' },
    { figure: 'port-forward, to the pod', value: upload.value, ...bytes, floor: tlsFloor.to, floorIs: throughTls, aim: '≥ 100 MB/s' },
    { figure: 'exec, output', value: said.value, ...bytes, floor: criFloor.from, floorIs: throughCri, aim: '≥ 60 MB/s' },
    { figure: 'exec, input', value: heard.value, ...bytes, floor: criFloor.to, floorIs: throughCri, aim: '≥ 60 MB/s' },
  )
  const all = [download, upload, said, heard]
  const ofMemory = (who: 'hub' | 'agent', floor: number, pid: number): Row[] => {
    const shared = { unit: 'MiB', floor, floorIs: 'before' }
    return [
      { figure: `${who} RSS, a stream busy`, value: Math.max(...all.map((each) => each[who])), ...shared, aim: 'before + 4 MiB' },
      { figure: `${who} RSS, afterwards`, value: memoryMiB(pid).rss, ...shared, aim: 'before' },
    ]
  }
  rows.push(...ofMemory('hub', rest, sight.hub), ...ofMemory('agent', agentRest, sight.agent))
  const perGb = (seconds: number) => (seconds * 1e9) / total
  for (const who of ['hub', 'agent'] as const)
    for (const [what, { cpu }] of Object.entries({
      'port-forward, from': download,
      'port-forward, to': upload,
      'exec, output': said,
      'exec, input': heard,
    }))
      rows.push({ figure: `${who}, processor for a GB: ${what}`, value: perGb(cpu[who]), unit: 's', aim: '≤ 5 s' })
  const answered = { unit: 'ms', floor: quiet.p99Ms, floorIs: 'nothing flows', aim: '≤ 200 ms' }
  rows.push(
    { figure: "node's kubelet answers, p99, 10 MB/s flow", value: paced.p99Ms, ...answered },
    { figure: "node's kubelet answers, p99, all flows that can", value: Math.max(...all.map(({ p99Ms }) => p99Ms)), ...answered },
  )
  const through: number[] = []
  const bare: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    through.push(await took(() => execTrue(target)))
    bare.push(await took(() => cri.run(id, ['true'])))
  }
  rows.push({
    ...{ figure: 'exec of true', value: median(through), unit: 'ms', floor: median(bare) },
    ...{ floorIs: 'through CRI alone', aim: 'floor + 30 ms' },
  })
  tls.end()
  cri.close()
  return rows
})

/** Until what was freed has been given back, as far as it is. */
const settledMs = 5_000

const manifest = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'box' },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'box',
        image: 'docker.io/library/busybox:1',
        command: [
          'sh',
          '-c',
          `nc -ll -p ${ports.sink} -e dd of=/dev/null bs=65536 & exec nc -ll -p ${ports.source} -e ${source.join(' ')}`,
        ],
        readinessProbe: { exec: { command: ['sh', '-c', `netstat -ltn | grep -q ${ports.source}`] }, periodSeconds: 1 },
      },
    ],
  },
})

/** MB (of a million bytes) a second; all of them have to come. */
async function pace(flow: Flow): Promise<number> {
  const at = performance.now()
  const bytes = await flow()
  if (bytes !== total) throw new Error(`${bytes} bytes came of ${total}`)
  return bytes / 1000 / (performance.now() - at)
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const at = performance.now()
  await work()
  return performance.now() - at
}

async function execTrue({ port, ca, cert, key }: Target): Promise<void> {
  const socket = new WebSocket(
    `wss://127.0.0.1:${port}/api/v1/namespaces/default/pods/box/exec?command=true&stdout=true`,
    'v5.channel.k8s.io',
    { ca, cert, key },
  )
  await once(socket, 'close')
}
