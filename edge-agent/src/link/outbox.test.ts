import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Event } from '@bramble/shared/types/event.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startTestHub } from '../../../hub/src/client/test-hub.ts'
import { statusPatch } from '../kubelet/status/status-patch.ts'
import { events, pods } from '../resources.ts'
import { createOutbox } from './outbox.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each[Symbol.asyncDispose]()
})

async function start() {
  const hub = await startTestHub()
  const abort = new AbortController()
  let connect = () => {}
  const isConnected = new Promise<void>((resolve) => (connect = resolve))
  const { outbox, service } = createOutbox({ client: hub.client, connected: () => isConnected, log: silentLog })
  const ended = service.run(abort.signal)
  open.push(hub, {
    async [Symbol.asyncDispose]() {
      abort.abort()
      connect()
      await ended
    },
  })
  const told = async () => (await hub.client.list(events, { namespace: 'default' })).items.map(({ reason, count }) => [reason, count])
  return { hub, outbox, told, connect }
}

const event = (reason: string, count = 1): Event => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `web.${reason.toLowerCase()}`, namespace: 'default' },
  involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'default' },
  type: 'Normal',
  reason,
  message: 'it happened',
  reportingComponent: 'kubelet',
  reportingInstance: 'pi-1',
  count,
  firstTimestamp: '2026-06-01T12:00:00Z',
  lastTimestamp: `2026-06-01T12:00:0${count}Z`,
})

describe('events in the outbox', () => {
  test('one that happens again raises the count of the one that was delivered', async () => {
    const { outbox, told, connect } = await start()
    connect()
    outbox.emitEvent(event('Started'))
    await vi.waitFor(async () => expect(await told()).toEqual([['Started', 1]]))
    outbox.emitEvent(event('Started', 2))
    await vi.waitFor(async () => expect(await told()).toEqual([['Started', 2]]))
  })

  test('repeats while the hub is away wait as one', async () => {
    const { outbox, hub, told, connect } = await start()
    for (let count = 1; count <= 9; count += 1) outbox.emitEvent(event('BackOff', count))
    outbox.emitEvent(event('Killing'))
    expect(outbox.droppedEvents).toBe(0)
    connect()
    await vi.waitFor(() => expect(outbox.isEmpty()).toBe(true))
    expect((await told()).toSorted()).toEqual([
      ['BackOff', 9],
      ['Killing', 1],
    ])
    expect(hub.writes.length).toBeLessThanOrEqual(3)
  })

  test('one that has expired in the hub is told anew', async () => {
    const { outbox, hub, told, connect } = await start()
    connect()
    outbox.emitEvent(event('Started', 4))
    await vi.waitFor(async () => expect(await told()).toEqual([['Started', 4]]))
    await hub.client.delete(events, { namespace: 'default', name: 'web.started' })
    outbox.emitEvent(event('Started', 5))
    await vi.waitFor(async () => expect(await told()).toEqual([['Started', 5]]))
  })
})

const web = { namespace: 'default', name: 'web' }
const status = (phase: string) => ({ status: { phase } })

/** An outbox over a hub of which single pods answer as the test says. */
function startWith(
  patch: (pod: string, body: object) => Promise<unknown>,
  remove: (pod: string, options: object) => Promise<unknown> = patch,
) {
  const abort = new AbortController()
  const client = {
    patch: (_resource: unknown, { name }: { name: string }, { body }: { body: object }) => patch(name, body),
    delete: (_resource: unknown, { name }: { name: string }, options: object) => remove(name, options),
  } as unknown as Client // only these are sent here
  const { outbox, service } = createOutbox({ client, connected: async () => {}, log: silentLog, random: () => 0 })
  const ended = service.run(abort.signal)
  open.push({
    async [Symbol.asyncDispose]() {
      abort.abort()
      await ended
    },
  })
  return outbox
}

describe('statuses in the outbox', () => {
  test('objects that meet a server error hold no place: the next one goes out while they wait', async () => {
    vi.useFakeTimers()
    try {
      const arrived: string[] = []
      const tries = new Map<string, number>()
      const outbox = startWith(async (pod) => {
        tries.set(pod, (tries.get(pod) ?? 0) + 1)
        if (pod.startsWith('broken')) throw new ApiError('InternalError', 'out of order')
        arrived.push(pod)
      })
      for (let index = 0; index < 20; index++) outbox.patchStatus(pods, { ...web, name: `broken-${index}` }, status('Running'))
      outbox.patchStatus(pods, { ...web, name: 'fine' }, status('Running'))
      await vi.advanceTimersByTimeAsync(1)
      expect(arrived).toEqual(['fine'])
      // Each has its own growing wait: a minute costs each some tries, not hundreds.
      await vi.advanceTimersByTimeAsync(60_000)
      expect(tries.size).toBe(21)
      expect(Math.min(...tries.values())).toBe(1)
      for (const [pod, count] of tries) if (pod !== 'fine') expect(count).toBeGreaterThan(3)
      expect(Math.max(...tries.values())).toBeLessThan(40)
      expect(outbox.isEmpty()).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })

  test('an object is delivered once its error is over, with the newest status, and then nothing waits', async () => {
    vi.useFakeTimers()
    try {
      let isBroken = true
      const delivered: object[] = []
      const outbox = startWith(async (_pod, body) => {
        if (isBroken) throw new ApiError('ServiceUnavailable', 'later')
        delivered.push(body)
      })
      outbox.patchStatus(pods, web, status('Pending'))
      await vi.advanceTimersByTimeAsync(100)
      outbox.patchStatus(pods, web, status('Running'))
      isBroken = false
      await vi.advanceTimersByTimeAsync(30_000)
      expect(delivered).toEqual([status('Running')])
      expect(outbox.isEmpty()).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  test('one that changes while the last one is on its way is delivered after it', async () => {
    const delivered: object[] = []
    let answer = () => {}
    const outbox = startWith(async (_pod, body) => {
      delivered.push(body)
      await new Promise<void>((resolve) => (answer = resolve))
    })
    outbox.patchStatus(pods, web, status('Pending'))
    await vi.waitFor(() => expect(delivered).toHaveLength(1))
    outbox.patchStatus(pods, web, status('Running'))
    answer()
    await vi.waitFor(() => expect(delivered).toEqual([status('Pending'), status('Running')]))
    answer()
    await vi.waitFor(() => expect(outbox.isEmpty()).toBe(true))
  })

  test('a pod is removed after its last status, and only the one that ended: a later one of its name has another uid', async () => {
    const told: unknown[] = []
    const outbox = startWith(
      async (_pod, body) => void told.push(body),
      async (_pod, options) => void told.push(options),
    )
    outbox.deletePod(web, 'u1')
    outbox.patchStatus(pods, web, status('Succeeded'), { uid: 'u1' })
    await vi.waitFor(() => expect(outbox.isEmpty()).toBe(true))
    expect(told).toEqual([
      { ...status('Succeeded'), metadata: { uid: 'u1' } },
      expect.objectContaining({ gracePeriodSeconds: 0, preconditions: { uid: 'u1' } }),
    ])
  })

  test("conditions of others outlive the kubelet's status: readiness gates, DisruptionTarget; our own lists are what we last said", async () => {
    const { hub, outbox, connect } = await start()
    await hub.client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: web,
      spec: { containers: [{ name: 'main', image: 'busybox:1' }] },
    } as unknown as Pod)
    const theirs = { type: 'example.com/gate', status: 'True' as const }
    const say = (reason: string | undefined, ips: readonly string[]) => {
      const ours = {
        type: 'Ready',
        status: 'False' as const,
        ...(reason !== undefined && { reason }),
        lastTransitionTime: '2026-06-01T12:00:00Z',
      }
      const whole = {
        phase: 'Running',
        conditions: [ours],
        podIP: ips[0],
        podIPs: ips.map((ip) => ({ ip })),
        hostIP: `192.168.1.${ips[0]?.split('.')[3]}`,
        hostIPs: [{ ip: `192.168.1.${ips[0]?.split('.')[3]}` }],
        containerStatuses: [
          {
            ...{ name: 'main', image: 'busybox:1', imageID: '', restartCount: 0 },
            ready: reason === undefined,
            state: reason === undefined ? { running: {} } : { waiting: { reason } },
          },
        ],
        ...(reason !== undefined && { reason }),
      }
      outbox.patchStatus(pods, web, { status: statusPatch(whole as PodStatus) }, { type: 'application/strategic-merge-patch+json' })
    }
    const now = async () => (await hub.client.get(pods, web)).status
    say('Unready', ['10.42.0.5'])
    connect()
    await vi.waitFor(async () => expect((await now())?.reason).toBe('Unready'))
    const body = { status: { conditions: [theirs, { type: 'DisruptionTarget', status: 'True' }] } }
    await hub.client.patch(pods, web, { type: 'application/strategic-merge-patch+json', body }, { subresource: 'status' })
    // Both of these are on their way as one.
    say('Unready', ['10.42.0.6'])
    say(undefined, ['10.42.0.7'])
    await vi.waitFor(async () => expect((await now())?.podIPs).toEqual([{ ip: '10.42.0.7' }]))
    const after = await now()
    expect(after?.hostIPs).toEqual([{ ip: '192.168.1.7' }])
    expect(after?.containerStatuses?.map(({ state }) => Object.keys(state ?? {}))).toEqual([['running']])
    expect(after?.conditions?.map(({ type }) => type).sort()).toEqual(['DisruptionTarget', 'Ready', 'example.com/gate'])
    expect(after?.conditions?.find(({ type }) => type === 'Ready')).not.toHaveProperty('reason')
    expect(after).not.toHaveProperty('reason')
  })
})
