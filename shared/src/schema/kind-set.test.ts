import { expect, it } from 'vitest'
import { createKindSet, derived } from './kind-set.ts'
import { configMaps } from '../kinds/config-map.ts'
import { pods } from '../kinds/pod.ts'

it('tells what came and went, and what follows from it is worked out once for each change', () => {
  const set = createKindSet([pods])
  const told: unknown[] = []
  const stop = set.onChange((change) => told.push(change))
  let made = 0
  const names = derived(set, (kinds) => {
    made++
    return kinds.map(({ resource }) => resource)
  })
  expect([names(), names(), made]).toEqual([['pods'], ['pods'], 1])
  set.add(configMaps)
  expect([names(), made]).toEqual([['pods', 'configmaps'], 2])
  set.remove(pods)
  set.remove(pods)
  stop()
  set.remove(configMaps)
  expect(told).toEqual([
    { added: [configMaps], removed: [] },
    { added: [], removed: [pods] },
  ])
  expect(names()).toEqual([])
})

it('has no two kinds of one name', () => {
  const set = createKindSet([pods])
  expect(() => set.add({ ...pods, kind: 'Other' })).toThrow('v1 has pods (Pod) already')
  expect(() => set.add({ ...pods, resource: 'others' })).toThrow('v1 has pods (Pod) already')
  set.add({ ...pods, group: 'example.com' })
})
