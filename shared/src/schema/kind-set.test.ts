import { expect, it } from 'vitest'
import type { Kind } from './kind.ts'
import { createKindSet, derived } from './kind-set.ts'
import { eachResourceOnce } from './served.ts'
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
  set.add({ ...configMaps, group: 'example.com', kind: 'Pod', resource: 'pods' })
})

it.each([
  ['a group under which the hub stores the core group', { group: 'core' }],
  ['a group under which the hub stores who has what', { group: 'claims' }],
  ['a group under which the hub counts its lives', { group: 'internal' }],
  ['a group that is more than one part of a path', { group: 'a/b' }],
  ['a group that is a path', { group: '..' }],
  ['a version that is more than one part of a path', { version: 'v1/namespaces' }],
  ['a resource with a part', { resource: 'pods/log' }],
  ['a resource that is a part of its namespace', { resource: 'status' }],
  ['a resource that ends its namespace', { resource: 'finalize' }],
  ['a kind that ends the text it stands in', { kind: 'Odd","x":"' }],
  ['a kind that is no word', { kind: '' }],
])('refuses names that would be read as something else: %s', (_what, names) => {
  const kind = { ...configMaps, group: 'example.com', version: 'v1', resource: 'odds', kind: 'Odd', ...names }
  expect(() => createKindSet([kind])).toThrow(`${kind.resource} in ${kind.group}/${kind.version}`)
})

it('refuses a kind that calls itself as lists of another do', () => {
  const odd = { ...configMaps, kind: 'ConfigMapList', resource: 'lists' }
  for (const both of [
    [configMaps, odd],
    [odd, configMaps],
  ])
    expect(() => createKindSet(both)).toThrow('named as lists of the other')
  createKindSet([configMaps, { ...odd, group: 'example.com' }])
})

it('takes no kind late that the store would have had to know when it was opened', () => {
  const late = { ...configMaps, group: 'example.com' }
  const indexed: Kind = { ...late, indexedFields: ['metadata.name'] }
  const inMemory: Kind = { ...late, durability: 'memory' }
  const set = createKindSet([pods])
  for (const kind of [indexed, inMemory]) expect(() => set.add(kind)).toThrow('comes while the hub runs')
  set.add(late)
  for (const kind of [indexed, inMemory]) expect(() => set.replace([late], [kind])).toThrow('comes while the hub runs')
  expect(set.all()).toEqual([pods, late])
  set.replace([pods], [{ ...pods, description: 'another form' }])
  const opened = createKindSet([indexed])
  opened.replace([indexed], [])
  opened.add(indexed)
  expect(() => opened.replace([indexed], [{ ...indexed, indexedFields: ['metadata.namespace'] }])).toThrow('comes while the hub runs')
  expect(() => createKindSet([inMemory]).replace([inMemory], [late])).toThrow('comes while the hub runs')
})

it('takes another version of a resource only if all of them are stored in one way', () => {
  const storage: Storage = { version: 'v1', others: { v1beta1: sameShape } }
  const stable = { ...configMaps, group: 'example.com', storage }
  const beta = { ...stable, version: 'v1beta1' }
  const set = createKindSet([pods, stable, beta])
  expect(eachResourceOnce(set.all())).toEqual([pods, stable])
  set.remove(stable)
  expect(eachResourceOnce(set.all())).toEqual([pods, beta])
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

it('tells each resource once, in the version that is stored or else in the newest', () => {
  const others = { v2: sameShape, v1: sameShape, v1alpha1: sameShape }
  const of = (version: string, storage: Storage): Kind => ({ ...configMaps, group: 'example.com', version, storage })
  const inBeta: Storage = { version: 'v1beta1', others }
  const versions = ['v1alpha1', 'v2', 'v1beta1', 'v1'].map((version) => of(version, inBeta))
  const find = (kinds: readonly Kind[]) => eachResourceOnce(kinds).map(({ resource, version }) => `${resource} ${version}`)
  expect(find([pods, ...versions])).toEqual(['pods v1', 'configmaps v1beta1'])
  expect(find(versions.filter(({ version }) => version !== 'v1beta1'))).toEqual(['configmaps v2'])
  expect(find(versions.slice(0, 1))).toEqual(['configmaps v1alpha1'])
})

it('takes a resource in another group only if both lie in one place, where each is met once', () => {
  const storage: Storage = { group: 'example.com', version: 'v1', others: { 'other.example.com/v1': sameShape } }
  const home = { ...configMaps, group: 'example.com', storage }
  const away = { ...home, group: 'other.example.com' }
  expect(eachResourceOnce(createKindSet([away, home]).all())).toEqual([home])
  expect(eachResourceOnce(createKindSet([away]).all())).toEqual([away])
  const refuses = (kind: Kind, why: string) => expect(() => createKindSet([home, kind])).toThrow(`other.example.com/v1 configmaps${why}`)
  refuses({ ...away, storage: { ...storage } }, ' and its version v1 must tell in which of them objects are stored')
  refuses({ ...away, durability: 'memory' }, ' and its version v1 differ in durability')
  refuses({ ...away, storage: { group: 'example.com', version: 'v1', others: { v2: sameShape } } }, ' is stored as v1 and nothing tells')
  refuses({ ...away, indexedFields: ['metadata.name'] }, ' has indexed fields')
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
