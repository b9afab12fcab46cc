import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { createEventTexts, freshEventTexts } from './event-texts.ts'
import { createRegistry } from '../objects/registry.ts'
import { createTestApi } from '../testing/api.ts'

const mebi = 1024 * 1024

test('the texts of a change are made once for all its watchers, and kept by their length as well as their number', async () => {
  const { store } = await createTestApi()
  const texts = createEventTexts(createRegistry({ store }))
  const entry = (revision: number, length: number) => ({
    key: `/core/configmaps/default/${revision}`,
    value: 'x'.repeat(length),
    createRevision: revision,
    revision,
  })
  const eventOf = (revision: number, length: number) => texts.eventOf(configMaps, 'ADDED', entry(revision, length))
  const first = eventOf(1, mebi)
  expect(eventOf(1, mebi) === first).toBe(true)
  for (let revision = 2; revision <= 4; revision++) eventOf(revision, mebi)
  expect(eventOf(1, mebi) === first).toBe(true)
  eventOf(5, mebi)
  expect(eventOf(1, mebi) === first).toBe(false)
})

test('each version of a resource has its events, and one that has changed has new ones', async () => {
  const { store } = await createTestApi()
  const texts = createEventTexts(createRegistry({ store }))
  const entry = { key: '/core/configmaps/default/a', value: 'x', createRevision: 1, revision: 1 }
  const beta = { ...configMaps, version: 'v1beta1' }
  const [one, other] = [configMaps, beta].map((kind) => texts.eventOf(kind, 'ADDED', entry))
  expect(one === other).toBe(false)
  expect(texts.eventOf(configMaps, 'ADDED', entry) === one).toBe(true)
  expect(texts.eventOf({ ...configMaps }, 'ADDED', entry) === one).toBe(false)
})

test('an event that was told leaves nothing for which the whole heap must be collected', async () => {
  const { store } = await createTestApi()
  const texts = freshEventTexts(createRegistry({ store }))
  const entry = { key: '/core/configmaps/default/a', value: 'x', createRevision: 1, revision: 1 }
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void // there once the flag is set
  const tell = (count: number) => {
    for (let told = 1; told <= count; told += 1) {
      texts.eventOf(configMaps, 'ADDED', entry)
      if (told % 1000 === 0) collect({ type: 'minor' })
    }
    collect({ type: 'minor' })
    collect({ type: 'minor' })
  }
  tell(5000)
  collect()
  const before = getHeapStatistics().used_heap_size
  tell(20_000)
  expect((getHeapStatistics().used_heap_size - before) / 20_000).toBeLessThan(100)
})
