import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { describe, expect, it } from 'vitest'
import { createExpiryLook } from './expiry.ts'
import { createRegistry } from './registry.ts'
import { configMap, createTestApi } from '../testing/api.ts'

const event = (name: string, lastTimestamp?: string) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
  reason: 'Started',
  message: 'started',
  type: 'Normal',
  ...(lastTimestamp !== undefined && { lastTimestamp }),
})
const url = '/api/v1/namespaces/default/events'
const ttlMs = events.ttlMs ?? 0
const start = Date.parse('2026-06-01T12:00:00Z')

/** An API with a wall clock that is set and a monotonic one that only passes. */
async function world(kept = events.kept) {
  const time = { now: start, monotonic: 5000 }
  const clock = { now: () => time.now, monotonic: () => time.monotonic }
  const served = createKindSet(kinds.map((kind) => (kind.resource === 'events' && kept ? { ...kind, kept } : kind)))
  const { json, store } = await createTestApi({ clock, kinds: served })
  const look = createExpiryLook({ registry: createRegistry({ store }), kinds: served, clock })
  const pass = async (ms: number) => {
    time.now += ms
    time.monotonic += ms
    await look()
  }
  const left = async () => (await json('GET', url)).body.items.map((one: { metadata: { name: string } }) => one.metadata.name)
  const make = async (name: string, lastTimestamp?: string) =>
    expect((await json('POST', url, { body: event(name, lastTimestamp) })).code).toBe(201)
  const again = (name: string) =>
    json('PATCH', `${url}/${name}`, {
      contentType: 'application/merge-patch+json',
      body: { count: 2, lastTimestamp: '2026-06-01T12:30:00Z' },
    })
  return { time, json, look, pass, left, make, again }
}

describe('objects with a time to live', () => {
  it('an event goes when its time is over, counted from when it last happened; what has no such time stays', async () => {
    const { json, pass, left, make, again, look } = await world()
    await make('again')
    await make('old')
    await json('POST', '/api/v1/namespaces/default/configmaps', { body: configMap('a') })
    await look()
    await pass(ttlMs / 2)
    await again('again')
    await pass(ttlMs / 2)
    expect(await left()).toEqual(['again'])
    expect((await json('GET', '/api/v1/namespaces/default/configmaps/a')).code).toBe(200)
    await pass(ttlMs)
    expect(await left()).toEqual([])
  })

  it.each([
    ['forward', 50 * 365 * 24 * 3_600_000],
    ['back', -50 * 365 * 24 * 3_600_000],
  ])('a clock that is set %s by decades neither drops events at once nor keeps them for years', async (_how, jump) => {
    const { time, pass, left, make, look } = await world()
    await make('before')
    await look()
    time.now += jump
    await pass(ttlMs / 2)
    expect(await left()).toEqual(['before'])
    await make('after')
    await pass(ttlMs / 2)
    expect(await left()).toEqual(['after'])
  })

  it('an event that says it is of the future, as a node with a wrong clock writes it, does not outlive the others', async () => {
    const { pass, left, make, look } = await world({ count: 2, bytes: 1e6 })
    await make('future', '2076-01-01T00:00:00Z')
    await make('one')
    await make('two')
    await look()
    expect(await left()).toEqual(['one', 'two'])
    await make('future-again', '2076-01-01T00:00:00Z')
    await look()
    await pass(ttlMs)
    expect(await left()).toEqual([])
  })

  it('of very many events the newest are kept: they are in memory, and an hour of a busy cluster is long', async () => {
    const { left, make } = await world({ count: 2, bytes: 1e6 })
    for (const name of ['b', 'd', 'a', 'c']) await make(name)
    expect(await left()).toEqual(['a', 'c'])
  })

  it('every kind that is in memory only says how much of it there may be', () => {
    const growing = kinds.filter(({ durability, verbs }) => durability === 'memory' && verbs?.includes('create') !== false)
    expect(growing.filter(({ kept }) => kept === undefined)).toEqual([])
  })
})
