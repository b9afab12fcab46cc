import type { Event } from '@bramble/shared/kinds/event.ts'
import { silentLog } from '@bramble/shared/log.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startTestHub } from '../../../hub/src/client/test-hub.ts'
import { events } from '../resources.ts'
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
