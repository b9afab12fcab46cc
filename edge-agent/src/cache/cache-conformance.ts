import { describe, expect, test } from 'vitest'
import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import type { Cache } from './cache.ts'

const pods: Resource = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const secrets: Resource = { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true }
const nodes: Resource = { group: '', version: 'v1', resource: 'nodes', kind: 'Node', namespaced: false }

export const object = (name: string, resourceVersion: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion },
  ...more,
})

/** What every cache does; `open` gives an empty one. */
export function cacheConformance(name: string, open: () => Cache): void {
  const withCache = (title: string, run: (cache: Cache) => void | Promise<void>) =>
    test(title, async () => {
      const cache = open()
      try {
        await run(cache)
      } finally {
        cache.close()
      }
    })
  const names = (cache: Cache, resource = pods) =>
    cache
      .list(resource)
      .map(({ metadata }) => metadata.name)
      .sort()

  describe(name, () => {
    withCache('the first list of a scope is told and remembered, be it empty', async (cache) => {
      let told = 0
      cache.subscribe(secrets, () => told++)
      cache.replace('secrets/default/none', secrets, [], '5')
      await Promise.resolve()
      expect(told).toBe(1)
      expect(cache.scopes()).toEqual(['secrets/default/none'])
      cache.replace('secrets/default/none', secrets, [], '6')
      await Promise.resolve()
      expect(told).toBe(1)
      cache.forget('secrets/default/none')
      expect(cache.scopes()).toEqual([])
    })

    withCache('a scope that was never listed has no version and has not synced', (cache) => {
      expect(cache.resourceVersion('pods')).toBeUndefined()
      expect(cache.hasSynced('pods')).toBe(false)
    })

    withCache('an empty list is a synced one', (cache) => {
      cache.replace('pods', pods, [], '7')
      expect(cache.hasSynced('pods')).toBe(true)
      expect(cache.resourceVersion('pods')).toBe('7')
    })

    withCache('puts, deletes and the version are applied together', (cache) => {
      cache.replace('pods', pods, [object('a', '1'), object('b', '1')], '5')
      cache.apply({
        scope: 'pods',
        resource: pods,
        puts: [object('c', '6')],
        deletes: [{ namespace: 'default', name: 'a' }],
        resourceVersion: '6',
      })
      expect(names(cache)).toEqual(['b', 'c'])
      expect(cache.get(pods, { namespace: 'default', name: 'c' })?.metadata.resourceVersion).toBe('6')
      expect(cache.resourceVersion('pods')).toBe('6')
    })

    withCache('a complete list removes what is not in it, also what has the same name and another uid', (cache) => {
      cache.replace('pods', pods, [object('a', '1'), object('b', '1')], '5')
      const again = { ...object('a', '9'), metadata: { ...object('a', '9').metadata, uid: 'another' } }
      cache.replace('pods', pods, [again], '9')
      expect(names(cache)).toEqual(['a'])
      expect(cache.get(pods, { namespace: 'default', name: 'a' })?.metadata.uid).toBe('another')
    })

    withCache('scopes of one resource are replaced and forgotten apart', (cache) => {
      cache.replace('secrets/default/a', secrets, [object('a', '1')], '1')
      cache.replace('secrets/default/b', secrets, [object('b', '1')], '1')
      cache.replace('secrets/default/a', secrets, [], '2')
      expect(names(cache, secrets)).toEqual(['b'])
      cache.forget('secrets/default/b')
      expect(names(cache, secrets)).toEqual([])
      expect(cache.hasSynced('secrets/default/b')).toBe(false)
      expect(cache.hasSynced('secrets/default/a')).toBe(true)
    })

    withCache('an object without a namespace is found by its name', (cache) => {
      const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1', resourceVersion: '1' } }
      cache.replace('nodes', nodes, [node], '1')
      expect(cache.get(nodes, { name: 'pi-1' })?.metadata.name).toBe('pi-1')
      cache.apply({ scope: 'nodes', resource: nodes, puts: [], deletes: [{ name: 'pi-1' }], resourceVersion: '2' })
      expect(cache.get(nodes, { name: 'pi-1' })).toBeUndefined()
    })

    withCache('several changes in one tick are one call, of the listeners of that resource only', async (cache) => {
      const heard: string[] = []
      cache.subscribe(pods, () => heard.push(`pods ${names(cache).join()}`))
      const unsubscribe = cache.subscribe(secrets, () => heard.push('secrets'))
      cache.replace('pods', pods, [object('a', '1')], '1')
      cache.apply({ scope: 'pods', resource: pods, puts: [object('b', '2')], deletes: [], resourceVersion: '2' })
      expect(heard).toEqual([])
      await Promise.resolve()
      expect(heard).toEqual(['pods a,b'])
      unsubscribe()
      cache.replace('secrets/default/a', secrets, [object('a', '1')], '1')
      await Promise.resolve()
      expect(heard).toEqual(['pods a,b'])
    })

    withCache('a bookmark moves the version and calls nobody', async (cache) => {
      let calls = 0
      cache.replace('pods', pods, [object('a', '1')], '1')
      await Promise.resolve()
      cache.subscribe(pods, () => (calls += 1))
      cache.apply({ scope: 'pods', resource: pods, puts: [], deletes: [], resourceVersion: '50' })
      await Promise.resolve()
      expect(calls).toBe(0)
      expect(cache.resourceVersion('pods')).toBe('50')
    })

    withCache('facts are copies', (cache) => {
      const attempts = { count: 1 }
      cache.facts.set('attempts', attempts)
      attempts.count = 2
      expect(cache.facts.get('attempts')).toEqual({ count: 1 })
      cache.facts.delete('attempts')
      expect(cache.facts.get('attempts')).toBeUndefined()
    })
  })
}
