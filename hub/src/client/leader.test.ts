import { systemClock } from '@bramble/shared/clock.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { leases } from '@bramble/shared/kinds/lease.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLeader } from './leader.ts'
import { settle, startTestHub } from './test-hub.ts'
import type { TestHub } from './test-hub.ts'
import { whenAborted } from '@bramble/shared/async/when-aborted.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

const advance = async (ms: number) => {
  for (let passed = 0; passed < ms; passed += 250) {
    await vi.advanceTimersByTimeAsync(250)
    await settle(5)
  }
}

function candidate({ client }: { client: Client }, identity: string) {
  let isLeading = false
  const stop = new AbortController()
  const service: Service = {
    name: identity,
    async run(signal) {
      isLeading = true
      await whenAborted(signal)
      isLeading = false
    },
  }
  const leader = createLeader({
    client,
    clock: systemClock,
    log: silentLog,
    lease: 'test',
    identity,
    service,
    random: () => 0.5,
  })
  const running = leader.run(stop.signal)
  return {
    isLeading: () => isLeading,
    end: async () => {
      stop.abort()
      await settle(20)
      await running
    },
    running,
    stop,
  }
}

const holder = async (hub: TestHub) => (await hub.client.get(leases, { name: 'test', namespace: 'kube-system' })).spec?.holderIdentity

test('a single hub leads at once and keeps its lease', async () => {
  await using hub = await startTestHub()
  const one = candidate(hub, 'one')
  await settle(20)
  expect(one.isLeading()).toBe(true)
  await advance(60_000)
  expect(one.isLeading()).toBe(true)
  expect(await holder(hub)).toBe('one')
  await one.end()
})

test('a second hub waits, and takes over at once when the first one leaves in order', async () => {
  await using hub = await startTestHub()
  const one = candidate(hub, 'one')
  await settle(20)
  const two = candidate(hub, 'two')
  await advance(30_000)
  expect(two.isLeading()).toBe(false)
  await one.end()
  await advance(3_000)
  expect(two.isLeading()).toBe(true)
  expect(await holder(hub)).toBe('two')
  await two.end()
})

test('who leaves gives back no lease that somebody else has taken meanwhile', async () => {
  await using hub = await startTestHub()
  const one = candidate(hub, 'one')
  await settle(20)
  const body = { spec: { holderIdentity: 'other', renewTime: '2030-01-01T00:00:00.000000Z' } }
  await hub.client.patch(leases, { name: 'test', namespace: 'kube-system' }, { type: 'application/merge-patch+json', body })
  await one.end()
  expect(await holder(hub)).toBe('other')
})

test('a leader that vanished is followed once its lease has not changed for its duration by our own clock', async () => {
  await using hub = await startTestHub()
  await hub.client.create(leases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'test', namespace: 'kube-system' },
    // Its clock is years ahead of ours.
    spec: { holderIdentity: 'vanished', leaseDurationSeconds: 15, renewTime: '2099-01-01T00:00:00.000000Z', leaseTransitions: 4 },
  })
  const two = candidate(hub, 'two')
  await advance(14_000)
  expect(two.isLeading()).toBe(false)
  await advance(5_000)
  expect(two.isLeading()).toBe(true)
  expect((await hub.client.get(leases, { name: 'test', namespace: 'kube-system' })).spec?.leaseTransitions).toBe(5)
  await two.end()
})

test('a leader whose lease was taken stops at its next renewal', async () => {
  await using hub = await startTestHub()
  const one = candidate(hub, 'one')
  await settle(20)
  const body = { spec: { holderIdentity: 'other', renewTime: '2030-01-01T00:00:00.000000Z' } }
  await hub.client.patch(leases, { name: 'test', namespace: 'kube-system' }, { type: 'application/merge-patch+json', body })
  await advance(6_000)
  expect(one.isLeading()).toBe(false)
  expect(await holder(hub)).toBe('other')
  await one.end()
})

/** A client whose requests about Leases go unanswered for so long, and may be given up before. */
function slow(client: Client, delayMs: () => number): Client {
  const late =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>, signalOf: (args: A) => AbortSignal | undefined) =>
    async (...args: A): Promise<T> => {
      if (delayMs() > 0) await sleep(delayMs(), signalOf(args))
      return call(...args)
    }
  return {
    ...client,
    get: late(client.get, (args) => args[2]?.signal) as Client['get'],
    update: late(client.update, (args) => args[2]?.signal) as Client['update'],
    create: late(client.create, (args) => args[2]?.signal) as Client['create'],
  }
}

test('a leader whose renewals go unanswered stops before its lease is over for the others, so two never lead', async () => {
  await using hub = await startTestHub()
  let delay = 0
  const one = candidate({ client: slow(hub.client, () => delay) }, 'one')
  await settle(20)
  const two = candidate(hub, 'two')
  await advance(1_000)
  expect(one.isLeading()).toBe(true)
  delay = 9_000
  let ledWithoutTheOther = false
  for (let passed = 0; passed < 30_000; passed += 250) {
    await advance(250)
    expect(one.isLeading() && two.isLeading()).toBe(false)
    if (two.isLeading()) ledWithoutTheOther = true
    // The last renewal was at most 5.5 s before the silence, and its time is counted from there.
    if (passed >= 10_000) expect(one.isLeading()).toBe(false)
  }
  expect(ledWithoutTheOther).toBe(true)
  await Promise.all([one.end(), two.end()])
})

test('an acquisition that takes longer than a lease may stay without renewal is none', async () => {
  await using hub = await startTestHub()
  const one = candidate({ client: slow(hub.client, () => 6_000) }, 'one')
  await advance(30_000)
  expect(one.isLeading()).toBe(false)
  one.stop.abort()
  await advance(7_000)
  await one.running
})
