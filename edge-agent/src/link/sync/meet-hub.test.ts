import { expect, test } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { createMemoryCache } from '../../cache/memory-cache.ts'
import { pods } from '../../resources.ts'
import { hubSource } from './hub-source.ts'
import { createAcquaintance } from './meet-hub.ts'

const pod = (name: string, resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name, resourceVersion },
})
const lives = [{ life: 'B' }, { life: 'A', to: 40 }]

const node = () => {
  const cache = createMemoryCache()
  const source = hubSource(cache)
  let hub = 'of the attic'
  const acquaintance = createAcquaintance({ cache, hub: () => hub })
  acquaintance.meet({ lives })
  source.replace('pods', pods, [pod('a', '90')], '100')
  return { cache, source, acquaintance, join: (other: string) => (hub = other) }
}

test('a node names the lives that it was told of, and goes on where it was if its hub has them', () => {
  const { source, acquaintance } = node()
  expect(acquaintance.lives()).toEqual(lives)
  acquaintance.meet({ lives: [{ life: 'C' }, { life: 'B', to: 100 }], shared: 100 })
  expect(source.resourceVersion('pods')).toBe('100')
  expect(acquaintance.lives()?.[0]).toEqual({ life: 'C' })
})

test('a hub that does not have all that it told is listed anew, whatever its versions are', () => {
  const { cache, source, acquaintance } = node()
  acquaintance.meet({ lives: [{ life: 'R' }], shared: 80 })
  expect(source.resourceVersion('pods')).toBeUndefined()
  source.replace('pods', pods, [], '500')
  expect(cache.unlisted(pods)).toHaveLength(1)
})

test('lives that a failing card has changed are not named: a hub would not understand them, each time', () => {
  const { cache, acquaintance } = node()
  for (const damaged of [7, {}, [{ lifd: 'B' }], [{ life: 'B', to: -4 }]]) {
    cache.facts.set('hub-lives', damaged)
    expect(acquaintance.lives()).toBeUndefined()
  }
})

test('of a hub that names no life nothing is remembered: it may be told of again by its versions alone', () => {
  const { source, acquaintance } = node()
  acquaintance.meet({})
  expect([acquaintance.lives(), source.resourceVersion('pods')]).toEqual([undefined, '100'])
})

test('another hub is not asked about the lives of the first, and what that one wanted ends with the first list', () => {
  const { cache, source, acquaintance, join } = node()
  join('of the school')
  expect(acquaintance.lives()).toBeUndefined()
  acquaintance.meet({ lives: [{ life: 'S' }], shared: 0 })
  source.replace('pods', pods, [], '7')
  expect(cache.list(pods)).toEqual([])
  expect(acquaintance.lives()).toEqual([{ life: 'S' }])
})

test('when power goes before the new lives are written, the old ones are named again, and it comes out the same', () => {
  const { cache, source, acquaintance } = node()
  const halfway = createAcquaintance({
    cache: { source: cache.source, facts: { ...cache.facts, set: () => {} } },
    hub: () => 'of the attic',
  })
  halfway.meet({ lives: [{ life: 'R' }], shared: 80 })
  expect(acquaintance.lives()).toEqual(lives)
  acquaintance.meet({ lives: [{ life: 'R' }], shared: 80 })
  source.replace('pods', pods, [], '500')
  expect(cache.unlisted(pods)).toHaveLength(1)
})
