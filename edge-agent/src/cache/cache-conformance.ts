import { describe, expect, test } from 'vitest'
import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import type { Cache } from './cache.ts'
import type { Source } from './source.ts'

const pods: Resource = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const secrets: Resource = { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true }
const nodes: Resource = { group: '', version: 'v1', resource: 'nodes', kind: 'Node', namespaced: false }

export const object = (name: string, resourceVersion: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion },
  ...more,
})

/** The hub's part of a cache, with what these tests put into it. */
export const hubOf = (cache: Cache): Source => cache.source('hub', [pods, secrets, nodes])

/** What every cache does; `open` gives an empty one. */
export function cacheConformance(name: string, open: () => Cache): void {
  const withCache = (title: string, run: (cache: Cache, hub: Source) => void | Promise<void>) =>
    test(title, async () => {
      const cache = open()
      try {
        await run(cache, hubOf(cache))
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

    const versions = (cache: Cache) => Object.fromEntries(cache.list(pods).map(({ metadata }) => [metadata.name, metadata.resourceVersion]))

    withCache('a list of an older version deletes nothing: what it has replaces, what it lacks stays as unlisted', (cache, hub) => {
      hub.replace('pods', pods, [object('old', '40'), object('changed', '90'), object('new', '95')], '100')
      expect(
        hub
          .staying('pods', '50')
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['changed', 'new', 'old'])
      hub.replace('pods', pods, [object('old', '40'), object('changed', '45'), object('gone', '30')], '50')
      expect(versions(cache)).toEqual({ old: '40', changed: '45', gone: '30', new: '95' })
      expect(
        cache
          .list(pods)
          .map(({ metadata }) => metadata.name)
          .at(-1),
      ).toBe('new')
      expect(cache.unlisted(pods).map(({ metadata }) => metadata.name)).toEqual(['new'])
      expect([hub.resourceVersion('pods'), hub.isListDue('pods')]).toEqual(['50', false])
      expect(hub.unlisted()).toEqual({ until: '100', isPassed: false })
    })

    withCache('what stays as unlisted does so whatever the hub lists since, and what the hub has told since goes as ever', (cache, hub) => {
      const moveTo = (resourceVersion: string) => hub.apply({ scope: 'pods', resource: pods, puts: [], deletes: [], resourceVersion })
      hub.replace('pods', pods, [object('new', '95'), object('other', '96')], '100')
      hub.replace('pods', pods, [object('old', '40')], '50')
      hub.apply({ scope: 'pods', resource: pods, puts: [object('later', '60')], deletes: [], resourceVersion: '60' })
      hub.replace('pods', pods, [object('old', '40')], '70')
      expect(names(cache)).toEqual(['new', 'old', 'other'])
      // Restored once more: what was known first still counts.
      hub.replace('pods', pods, [], '65')
      expect(names(cache)).toEqual(['new', 'old', 'other'])
      moveTo('99')
      expect(hub.unlisted()).toEqual({ until: '100', isPassed: false })
      moveTo('100')
      expect(hub.unlisted()).toEqual({ until: '100', isPassed: true })
      hub.replace('pods', pods, [object('other', '96')], '101')
      expect(names(cache)).toEqual(['new', 'old', 'other'])
      hub.release('70')
      expect(hub.isListDue('pods')).toBe(true)
      hub.replace('pods', pods, [], '102')
      expect(names(cache)).toEqual(['new'])
      expect(hub.isListDue('pods')).toBe(false)
    })

    withCache('what stays as unlisted is as any other once its source puts or deletes it', (cache, hub) => {
      hub.replace('pods', pods, [object('again', '95'), object('away', '96')], '100')
      hub.replace('pods', pods, [], '50')
      const keys = [{ namespace: 'default', name: 'away' }]
      hub.apply({ scope: 'pods', resource: pods, puts: [object('again', '51')], deletes: keys, resourceVersion: '51' })
      expect(versions(cache)).toEqual({ again: '51' })
      hub.replace('pods', pods, [], '52')
      expect(names(cache)).toEqual([])
    })

    withCache('what is released goes with the next list, and nothing that stays for a later version does', async (cache, hub) => {
      let told = 0
      hub.replace('pods', pods, [object('new', '95')], '100')
      hub.replace('pods', pods, [], '50')
      await Promise.resolve()
      cache.subscribe(pods, () => told++)
      hub.release('99')
      await Promise.resolve()
      expect([hub.isListDue('pods'), told]).toEqual([false, 0])
      hub.release('100')
      await Promise.resolve()
      expect([hub.isListDue('pods'), told]).toEqual([true, 1])
      hub.replace('pods', pods, [object('newer', '190')], '200')
      expect(names(cache)).toEqual(['newer'])
      hub.replace('pods', pods, [], '150')
      expect([names(cache), hub.isListDue('pods')]).toEqual([['newer'], false])
    })

    withCache('a source that starts over keeps what it has until its next list, which is complete whatever its version', (cache, hub) => {
      const folder = cache.source('folder', [pods])
      folder.replace('pods', pods, [object('on-the-node', '1')], '1')
      hub.replace('pods', pods, [object('known', '95'), object('unlisted', '96')], '100')
      hub.replace('pods', pods, [object('known', '45')], '50')
      hub.startOver()
      expect(names(cache)).toEqual(['known', 'on-the-node', 'unlisted'])
      expect([hub.resourceVersion('pods'), hub.hasSynced('pods'), folder.resourceVersion('pods')]).toEqual([undefined, true, '1'])
      hub.replace('pods', pods, [object('of-another', '7')], '9')
      expect(names(cache)).toEqual(['of-another', 'on-the-node'])
      expect([hub.resourceVersion('pods'), hub.unlisted()]).toEqual(['9', undefined])
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
