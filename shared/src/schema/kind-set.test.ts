import { expect, it } from 'vitest'
import type { Kind } from './kind.ts'
import { createKindSet, derived } from './kind-set.ts'
import { preferred, servedResources } from './served.ts'
import { sameShape, type Storage } from './storage.ts'
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

it('takes another version of a resource only if all of them are stored in one way', () => {
  const storage: Storage = { version: 'v1', others: { v1beta1: sameShape } }
  const stable = { ...configMaps, group: 'example.com', storage }
  const beta = { ...stable, version: 'v1beta1' }
  const set = createKindSet([pods, stable, beta])
  expect(servedResources(set.all())).toEqual([
    { group: '', resource: 'pods', versions: [pods] },
    { group: 'example.com', resource: 'configmaps', versions: [stable, beta] },
  ])
  set.remove(stable)
  expect(preferred(set.all())).toEqual([pods, beta])
  set.remove(beta)

  const refuses = (kind: Kind, why: string) =>
    expect(() => createKindSet([stable, kind])).toThrow(`example.com/${kind.version} configmaps${why}`)
  refuses({ ...beta, version: 'v2' }, ' is stored as v1 and nothing tells how v2 becomes that')
  refuses({ ...beta, storage: { ...storage } }, ' and its version v1 must tell in which of them objects are stored')
  refuses({ ...beta, namespaced: false }, ' and its version v1 differ in namespaced')
  refuses({ ...beta, durability: 'memory' }, ' and its version v1 differ in durability')
  refuses({ ...beta, indexedFields: ['metadata.name'] }, ' has indexed fields')
  expect(() => createKindSet([stable, { ...beta, resource: 'others' }])).toThrow('differ in resource')
  const { storage: _, ...alone } = stable
  expect(() => createKindSet([alone, { ...alone, version: 'v1beta1' }])).toThrow('must tell in which of them objects are stored')
})

it('is changed as a whole: a version never goes before the one that takes its place is there, and a change that does not fit changes nothing', () => {
  const set = createKindSet([pods, configMaps])
  const next = { ...configMaps }
  const seen: unknown[] = []
  set.onChange(() => seen.push(set.all()))
  set.replace([configMaps], [next])
  expect(() => set.replace([pods], [{ ...next }])).toThrow('already')
  expect(seen).toEqual([[pods, next]])
  expect(set.all()).toEqual([pods, next])
})
