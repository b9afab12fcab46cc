import { expect } from 'vitest'
import type { Cache } from './cache.ts'
import { names, nodes, object, pods, secrets, type WithCache } from './conformance-bed.ts'

/** What stays of a source that does not have any more what it told, as a hub that was restored from a backup. */
export function keepsWhatASourceForgot(withCache: WithCache): void {
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

  withCache(
    'of what a source gives up it keeps what is newer as unlisted, whatever its next version, and the rest as its list says',
    (cache, hub) => {
      hub.replace('pods', pods, [object('old', '40'), object('ended-since', '90'), object('changed', '110'), object('new', '115')], '120')
      hub.replace('nodes', nodes, [], '95')
      hub.replace('secrets/default/s', secrets, [], '118')
      const { era } = hub
      hub.giveUp('100')
      expect(hub.era).not.toBe(era)
      expect(names(cache)).toEqual(['changed', 'ended-since', 'new', 'old'])
      const versionsOf = () => ['pods', 'nodes', 'secrets/default/s'].map((scope) => hub.resourceVersion(scope))
      expect(versionsOf()).toEqual([undefined, '95', undefined])
      expect([hub.hasSynced('pods'), hub.unlisted()]).toEqual([true, undefined])
      hub.replace('pods', pods, [object('old', '40'), object('changed', '98')], '150')
      expect(versions(cache)).toEqual({ old: '40', changed: '98', new: '115' })
      expect(cache.unlisted(pods).map(({ metadata }) => metadata.name)).toEqual(['new'])
      expect(hub.unlisted()).toEqual({ until: '120', isPassed: true })
      hub.release('120')
      hub.replace('pods', pods, [object('old', '40'), object('changed', '98')], '151')
      expect(names(cache)).toEqual(['changed', 'old'])
    },
  )

  withCache('what stays after one restore stays after a second one, and each source gives up its own', (cache, hub) => {
    const folder = cache.source('folder', [pods])
    folder.replace('pods', pods, [object('on-the-node', '300')], '300')
    hub.replace('pods', pods, [object('first', '115')], '120')
    hub.giveUp('100')
    hub.giveUp('50')
    hub.replace('pods', pods, [object('second', '190')], '200')
    hub.giveUp('150')
    hub.replace('pods', pods, [], '250')
    expect(names(cache)).toEqual(['first', 'on-the-node', 'second'])
    expect([folder.resourceVersion('pods'), folder.era]).toEqual(['300', 0])
    hub.release('120')
    hub.replace('pods', pods, [], '251')
    expect(names(cache)).toEqual(['on-the-node', 'second'])
    const { era } = hub
    hub.giveUp('251')
    expect([hub.era, hub.resourceVersion('pods')]).toEqual([era, '251'])
  })

  withCache('a source that gives up more before it has listed anything again keeps that too', (cache, hub) => {
    hub.replace('pods', pods, [object('old', '40'), object('between', '90'), object('new', '115')], '120')
    hub.giveUp('100')
    hub.giveUp('50')
    hub.replace('pods', pods, [], '150')
    expect(names(cache)).toEqual(['between', 'new'])
    expect(hub.unlisted()).toEqual({ until: '120', isPassed: true })
  })

  withCache('the listeners of what is given up are called, also of what is empty: whoever follows it begins anew', async (cache, hub) => {
    const told: string[] = []
    hub.replace('secrets/default/s', secrets, [], '118')
    hub.replace('pods', pods, [], '90')
    await Promise.resolve()
    cache.subscribe(secrets, () => told.push('secrets'))
    cache.subscribe(pods, () => told.push('pods'))
    hub.giveUp('100')
    await Promise.resolve()
    expect(told).toEqual(['secrets'])
  })
}
