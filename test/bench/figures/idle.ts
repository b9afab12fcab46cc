import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestCluster } from '../../harness/cluster.ts'
import { deployWeb } from '../../harness/web.ts'
import { defineFigure, median, type Row } from '../figure.ts'
import { bytesWritten, cpuSeconds, memoryMiB } from '../process.ts'

const watchedMs = 180_000

/** Memory, processor and disk of two nodes with five pods that do nothing. */
export const idle = defineFigure('idle', async () => {
  await using cluster = await startTestCluster({ nodes: 2 })
  await deployWeb(cluster)
  await cluster.kubectl('scale', 'deployment/web', '--replicas=5')
  await cluster.kubectl('rollout', 'status', 'deployment/web')
  await sleep(60_000)
  const floor = await bareNode()
  const hub = cluster.pidOf('hub')
  const agents = cluster.nodes.map((name) => cluster.pidOf(name))
  const before = {
    hubBytes: bytesWritten(hub),
    agentBytes: agents.map(bytesWritten),
    hubCpu: cpuSeconds(hub),
    agentCpu: agents.map(cpuSeconds),
  }
  const memory = { hub: memoryMiB(hub), agents: agents.map(memoryMiB) }
  await sleep(watchedMs)
  const perHour = 3_600_000 / watchedMs
  const percent = (seconds: number) => (seconds / (watchedMs / 1000)) * 100
  const bare = 'bare node'
  const rows: Row[] = [
    { figure: 'hub memory (RSS), idle', value: memory.hub.rss, unit: 'MiB', floor: floor.rss, floorIs: bare, aim: '≤ 110 MiB' },
    {
      figure: 'agent memory (RSS), idle',
      value: median(memory.agents.map(({ rss }) => rss)),
      unit: 'MiB',
      floor: floor.rss,
      floorIs: bare,
      aim: '≤ 80 MiB',
    },
    {
      figure: 'agent memory (anonymous), idle',
      value: median(memory.agents.map(({ anonymous }) => anonymous)),
      unit: 'MiB',
      floor: floor.anonymous,
      floorIs: bare,
      aim: '≤ 35 MiB',
    },
    { figure: 'hub CPU, idle', value: percent(cpuSeconds(hub) - before.hubCpu), unit: '% of a core', aim: '' },
    {
      figure: 'agent CPU, idle',
      value: percent(median(agents.map((pid, index) => cpuSeconds(pid) - (before.agentCpu[index] ?? 0)))),
      unit: '% of a core',
      aim: '',
    },
    {
      figure: 'hub disk writes in an idle hour',
      value: ((bytesWritten(hub) - before.hubBytes) * perHour) / 1024,
      unit: 'KiB',
      aim: 'least',
    },
    {
      figure: 'agent disk writes in an idle hour',
      value: (median(agents.map((pid, index) => bytesWritten(pid) - (before.agentBytes[index] ?? 0))) * perHour) / 1024,
      unit: 'KiB',
      aim: 'least',
    },
  ]
  return rows
})

async function bareNode(): Promise<{ rss: number; anonymous: number }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await sleep(2_000)
  const memory = memoryMiB(child.pid ?? 0)
  child.kill()
  return memory
}
