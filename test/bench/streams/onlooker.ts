import { setTimeout as sleep } from 'node:timers/promises'
import { agentOf, ask } from '../../attacks/watcher.ts'
import type { Target } from '../api-load.ts'
import { cpuSeconds, memoryMiB } from '../process.ts'

export type Seen = {
  readonly hub: number
  readonly agent: number
  readonly p99Ms: number
  readonly cpu: Readonly<Record<'hub' | 'agent', number>>
}

const everyMs = 25

/** What is seen while something flows: the most memory of hub and agent, the seconds of a processor that they take, and how long small questions to the node's kubelet take on the same connection. */
export async function lookedAt<T>({ target, node, hub, agent }: Sight, flow: () => Promise<T>): Promise<Seen & { readonly value: T }> {
  const asker = agentOf(target)
  const most = { hub: 0, agent: 0 }
  const times: number[] = []
  const over = new AbortController()
  const asking = (async () => {
    while (!over.signal.aborted) {
      const at = performance.now()
      const { status, text } = await ask(asker, target.port, { method: 'GET', path: `/api/v1/nodes/${node}/proxy/healthz` })
      if (status !== 200) throw new Error(`the node's kubelet answered ${status}: ${text}`)
      times.push(performance.now() - at)
      most.hub = Math.max(most.hub, memoryMiB(hub).rss)
      most.agent = Math.max(most.agent, memoryMiB(agent).rss)
      await sleep(everyMs)
    }
  })()
  const before = { hub: cpuSeconds(hub), agent: cpuSeconds(agent) }
  const value = await flow().finally(() => over.abort())
  const cpu = { hub: cpuSeconds(hub) - before.hub, agent: cpuSeconds(agent) - before.agent }
  await asking
  asker.destroy()
  return { ...most, value, cpu, p99Ms: times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN }
}

export type Sight = { readonly target: Target; readonly node: string; readonly hub: number; readonly agent: number }
