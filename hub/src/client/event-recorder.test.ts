import { systemClock } from '@bramble/shared/clock.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, test } from 'vitest'
import { createEventRecorder } from './event-recorder.ts'
import { collected } from '../testing/collected.ts'
import { startTestHub, until } from './test-hub.ts'

test('a repeated event raises a count instead of making another one', async () => {
  await using hub = await startTestHub()
  const about = await hub.client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } })
  const recorder = createEventRecorder({ client: hub.client, clock: systemClock, log: silentLog, component: 'tester' })
  hub.start(recorder)
  const eventsOf = async () => (await hub.client.list(events, { namespace: 'default' })).items
  recorder.record(about, 'Normal', 'Tested', 'it was tested')
  await until('it is there', async () => (await eventsOf()).length === 1)
  for (let i = 0; i < 3; i += 1) recorder.record(about, 'Normal', 'Tested', 'it was tested')
  recorder.record(about, 'Warning', 'Tested', 'it was not')
  const all = await until('all are there', async () => {
    const all = await eventsOf()
    return all.length === 2 && all.some(({ count }) => count === 4) && all
  })
  expect(all.map(({ type, reason, message, count }) => ({ type, reason, message, count }))).toEqual(
    expect.arrayContaining([
      { type: 'Normal', reason: 'Tested', message: 'it was tested', count: 4 },
      { type: 'Warning', reason: 'Tested', message: 'it was not', count: 1 },
    ]),
  )
  expect(all[0]?.involvedObject).toMatchObject({ kind: 'ConfigMap', name: 'a', uid: about.metadata.uid })
})

test('one object cannot flood the hub with events', async () => {
  await using hub = await startTestHub()
  const about = await hub.client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } })
  const recorder = createEventRecorder({ client: hub.client, clock: systemClock, log: silentLog, component: 'tester' })
  for (let i = 0; i < 100; i += 1) recorder.record(about, 'Normal', 'Tested', `number ${i}`)
  hub.start(recorder)
  await until('the burst is there', async () => (await hub.client.list(events, { namespace: 'default' })).items.length === 25)
})

test('an event that waits holds the name of its object and not the object', async () => {
  await using hub = await startTestHub()
  const recorder = createEventRecorder({ client: hub.client, clock: systemClock, log: silentLog, component: 'tester' })
  const tellOfOne = (): WeakRef<object> => {
    const about = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } }
    recorder.record(about, 'Normal', 'Tested', 'it was tested')
    return new WeakRef(about)
  }
  await collected(tellOfOne())
  hub.start(recorder)
  await until('it is told', async () => (await hub.client.list(events, { namespace: 'default' })).items.length === 1)
})
