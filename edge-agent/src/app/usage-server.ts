import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { channels, type ServeNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { NodeUsage } from '@bramble/shared/streams/node-usage.ts'
import type { MachineUsage } from '../host/machine-usage.ts'
import type { PodStats } from '../kubelet/resources/pod-stats.ts'

export type UsageSamplerDeps = {
  readonly machine: () => MachineUsage
  readonly pods: () => Promise<readonly PodStats[]>
  readonly clock: Clock
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

type Sample = { readonly atMs: number; readonly machine: MachineUsage; readonly pods: readonly PodStats[] }

/** Two looks, between which a pace can be told. */
export type Samples = { readonly before: Sample; readonly now: Sample }
export type UsageSampler = (signal: AbortSignal) => Promise<Samples>

// A mean over less says little of a board that wakes up now and then; over more, little of now.
const windowMs = { least: 5000, most: 120_000 }
/** Between two looks when nobody has asked of late. */
const shortWindowMs = 1000

/** Looks what node and pods use when somebody asks, and at nothing else of the time: the first look is the one before, if that was a moment ago. */
export function createUsageSampler({ machine, pods, clock, wait = sleep }: UsageSamplerDeps): UsageSampler {
  let last: Sample | undefined
  const sample = async (): Promise<Sample> => {
    const seen = await pods()
    return { atMs: clock.monotonic(), machine: machine(), pods: seen }
  }
  return async (signal) => {
    let now = await sample()
    let before = last
    const age = before === undefined ? Infinity : now.atMs - before.atMs
    if (before === undefined || age < windowMs.least || age > windowMs.most) {
      before = now
      await wait(shortWindowMs, signal)
      now = await sample()
    }
    last = now
    return { before, now }
  }
}

/** Tells what node and pods use when somebody asks. */
export const createUsageServer = (samples: UsageSampler): ServeNodeStream<'usage'> =>
  async function serveUsage(_request, stream) {
    const { before, now } = await samples(stream.signal)
    stream.accept()
    await stream.channel(channels.stdout).write(Buffer.from(JSON.stringify(usageBetween(before, now))))
  }

// A counter that was set back began anew.
const rateOf = ({ before, now }: Samples) => {
  const ms = Math.max(1, now.atMs - before.atMs)
  return { ms, rate: (from: number, to: number) => Math.round((Math.max(0, to - from) * 1000) / ms) }
}
const cpuOf = ({ pods }: Sample): ReadonlyMap<string, number> =>
  new Map(pods.flatMap(({ containers }) => containers.map(({ id, cpuNanoSeconds }) => [id, cpuNanoSeconds])))

/** Nanoseconds of CPU in a second: of the node under `''`, of containers by their id. Of one that has just begun nothing can be said. */
export function paceBetween(samples: Samples): ReadonlyMap<string, number> {
  const { before, now } = samples
  const { rate } = rateOf(samples)
  const known = cpuOf(before)
  const ofContainers = [...cpuOf(now)].flatMap(([id, to]) => {
    const from = known.get(id)
    return from === undefined ? [] : [[id, rate(from, to)] as const]
  })
  return new Map([['', rate(before.machine.cpuNanoSeconds, now.machine.cpuNanoSeconds)], ...ofContainers])
}

export function usageBetween(before: Sample, now: Sample): NodeUsage {
  const pace = paceBetween({ before, now })
  return {
    windowMs: rateOf({ before, now }).ms,
    node: { cpuNanoCores: pace.get('') ?? 0, memoryBytes: now.machine.memoryBytes },
    pods: now.pods.map(({ uid, containers }) => ({
      uid,
      containers: containers.flatMap(({ id, name, memoryBytes }) => {
        const cpuNanoCores = pace.get(id)
        return cpuNanoCores === undefined ? [] : [{ name, cpuNanoCores, memoryBytes }]
      }),
    })),
  }
}
