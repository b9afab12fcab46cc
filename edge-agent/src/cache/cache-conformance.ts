import { describe, expect } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Cache } from './cache.ts'
import { createWithCache, names, nodes, object, pods, secrets } from './conformance-bed.ts'
import { keepsWhatASourceForgot } from './forgotten-conformance.ts'

/** What every cache does; `open` gives an empty one. */
export function cacheConformance(name: string, open: () => Cache): void {
  const withCache = createWithCache(open)
  describe(name, () => {
    withCache('the first list of a scope is told and remembered, be it empty', async (cache, hub) => {
      let told = 0
      cache.subscribe(secrets, () => told++)
      hub.replace('secrets/default/none', secrets, [], '5')
      await Promise.resolve()
      expect(told).toBe(1)
      expect(hub.scopes()).toEqual(['secrets/default/none'])
      hub.replace('secrets/default/none', secrets, [], '6')
      await Promise.resolve()
      expect(told).toBe(1)
      hub.forget('secrets/default/none')
      expect(hub.scopes()).toEqual([])
    })

    withCache('a scope that was never listed has no version and has not synced', (_cache, hub) => {
      expect(hub.resourceVersion('pods')).toBeUndefined()
      expect(hub.hasSynced('pods')).toBe(false)
    })

    withCache('an empty list is a synced one', (_cache, hub) => {
      hub.replace('pods', pods, [], '7')
      expect(hub.hasSynced('pods')).toBe(true)
      expect(hub.resourceVersion('pods')).toBe('7')
    })

    withCache('puts, deletes and the version are applied together', (cache, hub) => {
      hub.replace('pods', pods, [object('a', '1'), object('b', '1')], '5')
      hub.apply({
        scope: 'pods',
        resource: pods,
        puts: [object('c', '6')],
        deletes: [{ namespace: 'default', name: 'a' }],
        resourceVersion: '6',
      })
      expect(names(cache)).toEqual(['b', 'c'])
      expect(cache.get(pods, { namespace: 'default', name: 'c' })?.metadata.resourceVersion).toBe('6')
      expect(hub.resourceVersion('pods')).toBe('6')
    })

    withCache('a complete list removes what is not in it, also what has the same name and another uid', (cache, hub) => {
      hub.replace('pods', pods, [object('a', '1'), object('b', '1')], '5')
      const again = { ...object('a', '9'), metadata: { ...object('a', '9').metadata, uid: 'another' } }
      hub.replace('pods', pods, [again], '9')
      expect(names(cache)).toEqual(['a'])
      expect(cache.get(pods, { namespace: 'default', name: 'a' })?.metadata.uid).toBe('another')
    })

    withCache('scopes of one resource are replaced and forgotten apart', (cache, hub) => {
      hub.replace('secrets/default/a', secrets, [object('a', '1')], '1')
      hub.replace('secrets/default/b', secrets, [object('b', '1')], '1')
      hub.replace('secrets/default/a', secrets, [], '2')
      expect(names(cache, secrets)).toEqual(['b'])
      hub.forget('secrets/default/b')
      expect(names(cache, secrets)).toEqual([])
      expect(hub.hasSynced('secrets/default/b')).toBe(false)
      expect(hub.hasSynced('secrets/default/a')).toBe(true)
    })

    withCache('an object without a namespace is found by its name', (cache, hub) => {
      const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1', resourceVersion: '1' } }
      hub.replace('nodes', nodes, [node], '1')
      expect(cache.get(nodes, { name: 'pi-1' })?.metadata.name).toBe('pi-1')
      hub.apply({ scope: 'nodes', resource: nodes, puts: [], deletes: [{ name: 'pi-1' }], resourceVersion: '2' })
      expect(cache.get(nodes, { name: 'pi-1' })).toBeUndefined()
    })

    withCache('several changes in one tick are one call, of the listeners of that resource only', async (cache, hub) => {
      const heard: string[] = []
      cache.subscribe(pods, () => heard.push(`pods ${names(cache).join()}`))
      const unsubscribe = cache.subscribe(secrets, () => heard.push('secrets'))
      hub.replace('pods', pods, [object('a', '1')], '1')
      hub.apply({ scope: 'pods', resource: pods, puts: [object('b', '2')], deletes: [], resourceVersion: '2' })
      expect(heard).toEqual([])
      await Promise.resolve()
      expect(heard).toEqual(['pods a,b'])
      unsubscribe()
      hub.replace('secrets/default/a', secrets, [object('a', '1')], '1')
      await Promise.resolve()
      expect(heard).toEqual(['pods a,b'])
    })

    withCache('a bookmark moves the version and calls nobody', async (cache, hub) => {
      let calls = 0
      hub.replace('pods', pods, [object('a', '1')], '1')
      await Promise.resolve()
      cache.subscribe(pods, () => (calls += 1))
      hub.apply({ scope: 'pods', resource: pods, puts: [], deletes: [], resourceVersion: '50' })
      await Promise.resolve()
      expect(calls).toBe(0)
      expect(hub.resourceVersion('pods')).toBe('50')
    })

    withCache('what one source lists, deletes or forgets is its own: what another wants stays', (cache, hub) => {
      const folder = cache.source('folder', [pods])
      folder.replace('pods', pods, [object('on-the-node', '1'), object('both', '1')], '1')
      hub.replace(
        'pods',
        pods,
        [object('a', '2'), { ...object('both', '2'), metadata: { ...object('both', '2').metadata, uid: 'of-the-hub' } }],
        '2',
      )
      expect(names(cache)).toEqual(['a', 'both', 'both', 'on-the-node'])
      // Of the two it is the hub's that is shown by its name, which was opened first.
      expect(cache.get(pods, { namespace: 'default', name: 'both' })?.metadata.uid).toBe('of-the-hub')
      expect(folder.get(pods, { namespace: 'default', name: 'both' })?.metadata.uid).toBe('uid-both')
      expect(hub.list(pods)).toHaveLength(2)
      hub.apply({ scope: 'pods', resource: pods, puts: [], deletes: [{ namespace: 'default', name: 'on-the-node' }], resourceVersion: '3' })
      hub.replace('pods', pods, [], '4')
      expect(names(cache)).toEqual(['both', 'on-the-node'])
      expect(folder.resourceVersion('pods')).toBe('1')
      hub.forget('pods')
      expect(names(cache)).toEqual(['both', 'on-the-node'])
      expect(folder.scopes()).toEqual(['pods'])
      folder.replace('pods', pods, [], '2')
      expect(names(cache)).toEqual([])
    })

    withCache('nobody knows what is wanted before every source that gives it has told', (cache, hub) => {
      const folder = cache.source('folder', [pods])
      hub.replace('pods', pods, [], '1')
      hub.replace('secrets/default/s', secrets, [], '1')
      expect([cache.hasSynced(pods), cache.hasSynced(secrets, { namespace: 'default', name: 's' })]).toEqual([false, true])
      expect([cache.hasSynced(secrets, { namespace: 'default', name: 't' }), cache.hasSynced(nodes)]).toEqual([false, false])
      folder.replace('pods', pods, [], '1')
      expect(cache.hasSynced(pods)).toBe(true)
    })

    keepsWhatASourceForgot(withCache)

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
