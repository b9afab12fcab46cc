import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { deployWeb } from '../harness/web.ts'
import { apiOf, load } from '../bench/api-load.ts'
import { memoryMiB } from '../bench/process.ts'
import { heapOf, heapUsedOf } from './heap-of.ts'
import { slopeOf, type Sample } from './slope.ts'

const minutes = Number(process.argv[2] ?? 30)
/** Before the first sample: V8 goes on compiling and specialising for a quarter of an hour. */
const warmUpMinutes = minutes / 2
const sampleMs = Math.min(90_000, (minutes * 60_000) / 20)
/** A heap that grows by more than this part of itself over the run is not flat. */
const mayGrow = 0.05

/**
 * Objects and containers come and go for half an hour; what hub and agents still hold after a collection must not grow. Compiled code is
 * half of an agent's heap: the first and the last sample tell it apart, by snapshots. No more of those, as each leaves traces itself.
 */
async function churn(cluster: TestCluster): Promise<boolean> {
  await deployWeb(cluster)
  await cluster.apply(noise(0))
  await fillMemories(cluster)
  const start = performance.now()
  const elapsed = () => (performance.now() - start) / 60_000
  const processes = [
    { name: 'hub', pid: cluster.pidOf('hub'), netns: undefined },
    ...cluster.nodes.map((name) => ({
      name,
      pid: cluster.pidOf(name),
      netns: `/run/netns/${cluster.layout.node(name).namespace}`,
    })),
  ]
  const series = () => new Map<string, Sample[]>(processes.map(({ name }) => [name, []]))
  const [heap, anonymous] = [series(), series()]
  let rounds = 0
  let nextSample = warmUpMinutes
  const isBusy = () => elapsed() < warmUpMinutes + minutes
  const split = async (when: string) => {
    for (const { name, pid, netns } of processes) {
      if (name === 'hub') continue // its snapshot would hold its loop too long
      const { objects, code } = await heapOf({ pid, netns })
      console.log(`${name}, ${when}: ${mebibytes(objects)} MiB of objects, ${mebibytes(code)} MiB of code`)
    }
  }
  while (isBusy()) {
    await round(cluster, (rounds += 1))
    // The inspector itself takes something the first time.
    if (rounds === everyKind) {
      await split('after the first rounds')
      for (const each of processes) await heapUsedOf(each)
    }
    if (elapsed() < nextSample || rounds <= everyKind) continue
    nextSample += sampleMs / 60_000
    for (const each of processes) {
      const note = (of: ReadonlyMap<string, Sample[]>, bytes: number) => of.get(each.name)?.push({ minutes: elapsed(), bytes })
      note(anonymous, memoryMiB(each.pid).anonymous * 1024 * 1024)
      note(heap, await heapUsedOf(each))
    }
    const last = (name: string) => mebibytes(heap.get(name)?.at(-1)?.bytes ?? 0)
    console.log(
      `${elapsed().toFixed(1)} min, ${rounds} rounds: ${processes.map(({ name }) => `${name} ${last(name)}`).join(', ')} MiB of heap`,
    )
  }
  await split('at the end')
  console.log(
    `\n${rounds} rounds in ${warmUpMinutes + minutes} minutes, the first ${warmUpMinutes} of them unmeasured, each a scaling, a rolled-out change, a pod and a Service that come and go`,
  )
  console.log('MiB first → last, KiB a minute:')
  let isFlat = true
  for (const { name, pid } of processes) {
    if (cluster.pidOf(name) !== pid) throw new Error(`${name} was started again during the run`)
    for (const [what, of, isBound] of [
      ['heap', heap, true],
      ['anonymous', anonymous, false],
    ] as const) {
      const samples = of.get(name) ?? []
      const grown = (slopeOf(samples) * minutes) / (samples[0]?.bytes ?? 0)
      if (isBound && !(grown <= mayGrow)) isFlat = false
      console.log(`${name.padEnd(9)} ${what.padEnd(10)} ${line(samples).padEnd(30)} ${(grown * 100).toFixed(1)} %`)
    }
  }
  console.log(isFlat ? 'flat' : `not flat: a heap grew by more than ${mayGrow * 100} %`)
  return isFlat
}

/**
 * What is remembered up to a bound (the store's history, events kept, events told, rates) is filled before anything is measured: a
 * memory on its way to its bound is not a leak. Each pod that no scheduler takes is one event that no other repeats.
 */
async function fillMemories(cluster: TestCluster): Promise<void> {
  await cluster.kubectl('create', 'namespace', 'filling')
  const change = (text: string) => ({ method: 'POST', path: '/api/v1/namespaces/filling/configmaps', body: changingConfigMap(text) })
  await load(apiOf(cluster), 1, 1, () => change('0'))
  await load(apiOf(cluster), 1, historyChanges, (index) => ({
    ...change(String(index + 1)),
    method: 'PUT',
    path: `${change('').path}/changing`,
  }))
  for (let batch = 0; batch < 10; batch += 1) {
    await cluster.apply(
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: Array.from({ length: 22 }, (_, i) => idle(batch * 22 + i)) }),
    )
    await eventually('pods that nobody schedules', async () => {
      const { items } = await cluster.json<{ items: unknown[] }>('get', 'pods', '-n', 'filling')
      return items.length === (batch + 1) * 22 * 20
    })
  }
  // Not the namespace: its events would go with it.
  await cluster.kubectl('delete', 'replicasets', '--all', '-n', 'filling', '--cascade=foreground', '--timeout=300s')
}

/** More than the store keeps of its history, in changes of the size of a pod: each costs something beside its bytes. */
const [historyChanges, changeBytes] = [7_000, 3_000]

const changingConfigMap = (text: string) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'changing' }, data: { a: text.padEnd(changeBytes, 'x') } })

const idle = (number: number) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: `idle-${number}`, namespace: 'filling' },
  spec: {
    replicas: 20,
    selector: { matchLabels: { idle: String(number) } },
    template: {
      metadata: { labels: { idle: String(number) } },
      spec: { schedulerName: 'nobody', containers: [{ name: 'idle', image: 'docker.io/library/busybox:1' }] },
    },
  },
})

/** So many rounds hold every number of replicas, every ConfigMap and the restarts beside each of them. */
const everyKind = 20

async function round(cluster: TestCluster, number: number): Promise<void> {
  const pod = `passing-${number}`
  await cluster.kubectl('scale', 'deployment/web', `--replicas=${2 + (number % 4)}`)
  await cluster.apply(noise(number))
  await cluster.kubectl('run', pod, '--image=docker.io/library/busybox:1', '--restart=Never', '--', 'sh', '-c', 'echo here; sleep 600')
  await cluster.kubectl('wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=120s')
  await cluster.kubectl('logs', pod)
  await cluster.kubectl('expose', `pod/${pod}`, '--port=80')
  if (number % 5 === 0) await cluster.kubectl('rollout', 'restart', 'deployment/web')
  await cluster.kubectl('delete', `pod/${pod}`, `service/${pod}`, '--grace-period=1')
}

/** Seen by no pod, heard by every informer. */
const noise = (number: number) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `noise-${number % 20}` }, data: { round: String(number) } })

const mebibytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(2)
const line = (samples: readonly Sample[]) =>
  `${mebibytes(samples[0]?.bytes ?? 0)} → ${mebibytes(samples.at(-1)?.bytes ?? 0)}   ${(slopeOf(samples) / 1024).toFixed(1)}`

await using cluster = await startTestCluster({ nodes: 2 })
try {
  process.exitCode = (await churn(cluster)) ? 0 : 1
} catch (error) {
  console.log(cluster.logs())
  throw error
}
