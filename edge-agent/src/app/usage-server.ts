import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { channels, type ServeNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { NodeUsage } from '@bramble/shared/streams/node-usage.ts'
import type { MachineUsage } from '../host/machine-usage.ts'
import type { PodStats } from '../kubelet/resources/pod-stats.ts'

export type UsageServerDeps = {
  readonly machine: () => MachineUsage
  readonly pods: () => Promise<readonly PodStats[]>
  readonly clock: Clock
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

type Sample = { readonly atMs: number; readonly machine: MachineUsage; readonly pods: readonly PodStats[] }

// A mean over less says little of a board that wakes up now and then; over more, little of now.
const windowMs = { least: 5000, most: 120_000 }
/** Between two looks when nobody has asked of late. */
const shortWindowMs = 1000

/** Tells what node and pods use when somebody asks, and looks at nothing else of the time: CPU is a mean since it was last asked, if that was a moment ago. */
export function createUsageServer({ machine, pods, clock, wait = sleep }: UsageServerDeps): ServeNodeStream<'usage'> {
  let last: Sample | undefined
  const sample = async (): Promise<Sample> => {
    const seen = await pods()
    return { atMs: clock.monotonic(), machine: machine(), pods: seen }
  }
  return async function serveUsage(_request, stream) {
    let now = await sample()
    let before = last
    const age = before === undefined ? Infinity : now.atMs - before.atMs
    if (before === undefined || age < windowMs.least || age > windowMs.most) {
      before = now
      await wait(shortWindowMs, stream.signal)
      now = await sample()
    }
    last = now
    stream.accept()
    await stream.channel(channels.stdout).write(Buffer.from(JSON.stringify(usageBetween(before, now))))
  }
}

export function usageBetween(before: Sample, now: Sample): NodeUsage {
  const ms = Math.max(1, now.atMs - before.atMs)
  // A counter that was set back began anew.
  const rate = (from: number, to: number) => Math.round((Math.max(0, to - from) * 1000) / ms)
  const known = new Map(before.pods.flatMap(({ containers }) => containers.map((container) => [container.id, container.cpuNanoSeconds])))
  return {
    windowMs: ms,
    node: { cpuNanoCores: rate(before.machine.cpuNanoSeconds, now.machine.cpuNanoSeconds), memoryBytes: now.machine.memoryBytes },
    pods: now.pods.map(({ uid, containers }) => ({
      uid,
      containers: containers.flatMap(({ id, name, cpuNanoSeconds, memoryBytes }) => {
        const from = known.get(id)
        // Of one that has just begun nothing can be said of its pace.
        return from === undefined ? [] : [{ name, cpuNanoCores: rate(from, cpuNanoSeconds), memoryBytes }]
      }),
    })),
  }
}
