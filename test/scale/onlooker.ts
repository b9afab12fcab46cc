import { fork } from 'node:child_process'
import { once } from 'node:events'
import { agentOf, ask } from '../attacks/watcher.ts'
import type { Target } from '../bench/api-load.ts'
import { cpuSeconds, memoryMiB } from '../bench/process.ts'

export const onlookerWord = '--onlooker'

export type Seen = {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly rssBefore: number
  readonly rssMost: number
  readonly rssAfter: number
  /** The longest that a request which needs nothing but the hub's loop had to wait. */
  readonly stallMs: number
}

const everyMs = 5

/** What a process of its own sees of the hub while something happens. */
export async function watching<T>(
  hub: number,
  target: Target,
  happening: () => Promise<T>,
): Promise<{ readonly seen: Seen; readonly value: T }> {
  const { port, ca, cert, key } = target
  const child = fork(process.argv[1] ?? '', [onlookerWord])
  try {
    child.send({ port, ca: `${ca}`, cert: `${cert}`, key: `${key}`, hub })
    await once(child, 'message') // it looks
    const [at, cpu, rssBefore] = [performance.now(), cpuSeconds(hub), memoryMiB(hub).rss]
    const value = await happening()
    const took = { seconds: (performance.now() - at) / 1000, cpuSeconds: cpuSeconds(hub) - cpu, rssAfter: memoryMiB(hub).rss }
    child.send('enough')
    const [{ stallMs, rssMost }] = (await once(child, 'message')) as [Pick<Seen, 'stallMs' | 'rssMost'>]
    return { seen: { ...took, rssBefore, rssMost: Math.max(rssMost, took.rssAfter), stallMs }, value }
  } finally {
    child.kill()
  }
}

/** The onlooker's own process. */
export async function lookOn(): Promise<void> {
  const [sight] = (await once(process, 'message')) as [{ port: number; ca: string; cert: string; key: string; hub: number }]
  const agent = agentOf({ ca: Buffer.from(sight.ca), cert: Buffer.from(sight.cert), key: Buffer.from(sight.key) })
  const knock = () => ask(agent, sight.port, { method: 'GET', path: '/livez' })
  await knock()
  process.send?.('here')
  const over = new AbortController()
  process.once('message', () => over.abort())
  let [stallMs, rssMost] = [0, 0]
  while (!over.signal.aborted) {
    const at = performance.now()
    await knock()
    stallMs = Math.max(stallMs, performance.now() - at)
    rssMost = Math.max(rssMost, memoryMiB(sight.hub).rss)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  agent.destroy()
  await new Promise((resolve) => process.send?.({ stallMs, rssMost }, resolve))
}
