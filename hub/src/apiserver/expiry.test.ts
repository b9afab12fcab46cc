import { systemClock } from '@bramble/shared/clock.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { describe, expect, it } from 'vitest'
import { dropExpired } from './expiry.ts'
import { createRegistry } from './registry.ts'
import { configMap, createTestApi } from './testing/api.ts'

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

describe('objects with a time to live', () => {
  it('an event goes when its time is over, counted from when it last happened; what has no such time stays', async () => {
    const { json, store } = await createTestApi()
    const ttlMs = events.ttlMs ?? 0
    expect(ttlMs).toBeGreaterThan(0)
    expect((await json('POST', url, { body: event('old') })).code).toBe(201)
    const again = new Date(Date.now() + ttlMs).toISOString().replace(/\.\d+/, '')
    expect((await json('POST', url, { body: event('again', again) })).code).toBe(201)
    await json('POST', '/api/v1/namespaces/default/configmaps', { body: configMap('a') })

    const later = { ...systemClock, now: () => Date.now() + ttlMs + 5000 }
    await dropExpired({ registry: createRegistry({ store }), kinds, clock: later })
    const left = await json('GET', url)
    expect(left.body.items.map((one: { metadata: { name: string } }) => one.metadata.name)).toEqual(['again'])
    expect((await json('GET', '/api/v1/namespaces/default/configmaps/a')).code).toBe(200)
  })

  it('of very many events the newest are kept: they are in memory, and an hour of a busy cluster is long', async () => {
    const { json, store } = await createTestApi()
    for (const [index, name] of ['b', 'd', 'a', 'c'].entries())
      await json('POST', url, { body: event(name, new Date(Date.now() + index * 1000).toISOString().replace(/\.\d+/, '')) })
    await dropExpired({ registry: createRegistry({ store }), kinds: [{ ...events, keptMost: 2 }], clock: systemClock })
    const left = await json('GET', url)
    expect(left.body.items.map((one: { metadata: { name: string } }) => one.metadata.name)).toEqual(['a', 'c'])
  })
})
