import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StepContext } from '../parts.ts'
import { emptyMemory, type PodMemory } from '../plan/memory.ts'
import { plan } from '../plan/plan.ts'
import { container, now, samplePod, sandbox, seenContainer, seenPod } from '../testing/samples.ts'
import type { StepOf } from '../plan/step.ts'
import { createMemoryCache } from '../../cache/memory-cache.ts'
import { createEndings } from '../plan/endings.ts'
import { execute } from './execute.ts'
import { stopContainer } from './stop-container.ts'

const grace = 30
const hook = { preStop: { exec: { command: ['x'] } } }
const hookSeconds = 4

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Takes a pod down by plan and step, as the worker does; `takes` is how many seconds each container needs to stop when it is asked. */
async function takeDown(takes: Readonly<Record<string, number>>, more: object = {}) {
  const begunAt = Date.now()
  let memory: PodMemory = { ...emptyMemory(), volumes: { tag: 'mounted', paths: new Map() } }
  const running = new Set(Object.keys(takes))
  const given: string[] = []
  const clock = { now: () => now, monotonic: () => Date.now() }
  const endings = createEndings({ facts: createMemoryCache().facts, clock, bootId: 'b' })
  const pod = samplePod(
    {
      terminationGracePeriodSeconds: grace,
      initContainers: [...running].slice(1).map((name) => container(name, { restartPolicy: 'Always', ...more })),
    },
    { deletionTimestamp: '2026-06-01T12:00:00Z', deletionGracePeriodSeconds: grace },
  )
  const takenDown = async () => {
    while (running.size > 0) {
      const seen = seenPod(
        [sandbox()],
        [...running].map((name) => seenContainer(name)),
      )
      const context = {
        pod,
        seen,
        emit: () => {},
        clock,
        uid: 'u1',
        endings,
        signal: new AbortController().signal,
        memory: () => memory,
        remember: (change: Partial<PodMemory>) => (memory = { ...memory, ...change }),
        cri: {
          async execSync(id: string) {
            given.push(`hook of ${id.replace('-0', '')}`)
            await sleep(hookSeconds * 1000)
            return { exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
          },
          async stopContainer(id: string, seconds: number) {
            const name = id.replace('-0', '')
            given.push(`${name} ${seconds}`)
            await sleep(Math.min(seconds, takes[name] ?? 0) * 1000)
            running.delete(name)
          },
        },
      } as unknown as StepContext // what the step uses
      await execute(plan({ wanted: pod, seen, memory, now }).steps, context)
    }
    return Date.now() - begunAt
  }
  const [tookMs] = await Promise.all([takenDown(), vi.advanceTimersByTimeAsync(200_000)])
  return { given, tookSeconds: tookMs / 1000 }
}

describe('the grace of a pod that ends', () => {
  it('is one for all its containers: a sidecar gets what those before it left', async () => {
    const { given, tookSeconds } = await takeDown({ main: 12, proxy: 5, logs: 10 })
    expect(given).toEqual(['main 30', 'logs 18', 'proxy 8'])
    expect(tookSeconds).toBe(27)
  })

  it('leaves the sidecars a moment together when the containers before them used it up', async () => {
    const { given, tookSeconds } = await takeDown({ main: 60, a: 60, b: 60 })
    expect(given).toEqual(['main 30', 'b 2', 'a 2'])
    expect(tookSeconds).toBe(grace + 2)
  })

  it('covers the hooks before the stop too, which run at once, also those of sidecars', async () => {
    const { given, tookSeconds } = await takeDown({ main: 10, a: 1, b: 1 }, { lifecycle: hook })
    expect(given).toEqual(['hook of b', 'hook of a', 'main 30', 'b 20', 'a 19'])
    expect(tookSeconds).toBe(12)
  })

  it('does not begin anew when the agent restarts in the middle of it', async () => {
    const { facts } = createMemoryCache()
    const time = { at: 7000, bootId: 'first' }
    /** Asks the container to stop as an agent does that just started, and is killed in the wait; answers the grace it gave. */
    const agent = async (wanted: boolean) => {
      const clock = { now: () => now, monotonic: () => time.at }
      const { bootId } = time
      const seen = seenPod([sandbox()], [seenContainer('main', { graceSeconds: grace })])
      const pod = wanted ? samplePod({}, { deletionTimestamp: '2026-06-01T12:00:00Z', deletionGracePeriodSeconds: grace }) : undefined
      const [stop] = plan({ wanted: pod, seen, memory: emptyMemory(), now }).steps as StepOf<'stopContainer'>[]
      let given = -1
      const cri = { stopContainer: async (_id: string, seconds: number) => void (given = seconds) }
      const endings = createEndings({ facts, clock, bootId })
      const context = { pod, uid: 'u1', seen, emit: () => {}, clock, endings, signal: new AbortController().signal, cri }
      await stopContainer(stop!, context as unknown as StepContext) // what the step uses
      return given
    }
    expect(await agent(true)).toBe(30)
    time.at += 12_000
    expect(await agent(true)).toBe(18)
    time.at += 10_000
    expect(await agent(false), 'a pod that was taken out of the API meanwhile').toBe(8)
    time.at += 60_000
    expect(await agent(true)).toBe(2)
    Object.assign(time, { at: 9000, bootId: 'second' })
    expect(await agent(true), 'after a power cut the container is another one').toBe(30)
  })
})

describe('a hook before the stop', () => {
  beforeEach(() => void vi.useRealTimers())

  it('that asks the pod over the network finds it in the network of the host too', async () => {
    const server = createServer((_request, response) => response.end('ok'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo // listening on TCP
    const events: string[] = []
    const main = container('main', { lifecycle: { preStop: { httpGet: { port } } } })
    const context = {
      pod: samplePod({ hostNetwork: true, containers: [main] }),
      seen: seenPod([sandbox({ ips: [] })], [seenContainer('main')]),
      hostIP: () => '127.0.0.1',
      emit: (_pod: unknown, _type: string, reason: string, message: string) => events.push(`${reason}: ${message}`),
      clock: { now: () => now, monotonic: () => 0 },
      signal: new AbortController().signal,
      cri: { stopContainer: async () => {} },
    } as unknown as StepContext // what the step uses
    await stopContainer({ kind: 'stopContainer', id: 'main-0', name: 'main', graceSeconds: 5 }, context)
    await new Promise((resolve) => server.close(resolve))
    expect(events).toEqual([])
  })
})
