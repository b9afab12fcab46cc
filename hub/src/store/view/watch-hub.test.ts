import { describe, expect, it } from 'vitest'
import type { StoreEvent } from '../store.ts'
import { WatchHub } from './watch-hub.ts'

const put = (key: string, revision: number): StoreEvent => ({
  type: 'put',
  entry: { key, value: '', createRevision: revision, revision },
  previous: undefined,
})
const revisionsOf = (events: readonly StoreEvent[]) => events.map(({ entry }) => entry.revision)

describe('the watch hub', () => {
  it('gives each watcher what is under its prefix, and those of one prefix the same batch', () => {
    const hub = new WatchHub()
    const seen = new Map<string, readonly StoreEvent[]>()
    for (const prefix of ['/core/pods/a/x', '/core/pods/a/', '/core/pods/', '/core/secrets/', '/apps/deployments/'])
      for (const n of [1, 2]) hub.add({ scope: prefix }, 0, (events) => seen.set(`${prefix} ${n}`, events))
    hub.publish([put('/core/pods/a/x', 1), put('/core/pods/b/y', 2), put('/core/secrets/a/x', 3)])
    expect([...seen].filter(([name]) => name.endsWith('1')).map(([name, events]) => [name, revisionsOf(events)])).toEqual([
      ['/core/pods/a/x 1', [1]],
      ['/core/pods/a/ 1', [1]],
      ['/core/pods/ 1', [1, 2]],
      ['/core/secrets/ 1', [3]],
    ])
    expect(seen.get('/core/pods/a/ 1')).toBe(seen.get('/core/pods/a/ 2'))
  })

  it('drops a watcher that throws, tells it why, and serves the others', () => {
    const hub = new WatchHub()
    const closed: unknown[] = []
    const seen: number[] = []
    hub.add(
      { scope: '/core/pods/' },
      0,
      () => {
        throw new Error('full')
      },
      (error) => closed.push(error.cause),
    )
    hub.add({ scope: '/core/pods/' }, 0, (events) => seen.push(...revisionsOf(events)))
    hub.publish([put('/core/pods/a/x', 1)])
    hub.publish([put('/core/pods/a/x', 2)])
    expect(seen).toEqual([1, 2])
    expect(closed).toEqual([new Error('full')])
  })

  it('says nothing more to a watcher that was closed from another one in the same batch', () => {
    const hub = new WatchHub()
    const seen: number[] = []
    const second = { close: () => {} }
    hub.add({ scope: '/core/pods/' }, 0, () => second.close())
    second.close = hub.add({ scope: '/core/pods/' }, 0, (events) => seen.push(...revisionsOf(events))).close
    hub.publish([put('/core/pods/a/x', 1)])
    expect(seen).toEqual([])
  })

  it('says nothing to a watcher that was added in the middle of a batch whose changes it has already', () => {
    const hub = new WatchHub()
    const seen: (readonly number[])[] = []
    let late = () => void hub.add({ scope: '/core/pods/' }, 2, (events) => seen.push(revisionsOf(events)))
    hub.add({ scope: '/core/pods/' }, 0, () => {
      late()
      late = () => {}
    })
    hub.publish([put('/core/pods/a/x', 1), put('/core/pods/a/x', 2)])
    expect(seen).toEqual([])
    hub.publish([put('/core/pods/a/x', 3)])
    expect(seen).toEqual([[3]])
  })

  it('ends every watch once', () => {
    const hub = new WatchHub()
    const closed: string[] = []
    hub.add(
      { scope: '/core/pods/' },
      0,
      () => {},
      ({ message }) => closed.push(message),
    )
    hub.add(
      { scope: '/' },
      0,
      () => {},
      ({ message }) => closed.push(message),
    )
    hub.close(new Error('over'))
    hub.close(new Error('again'))
    expect(closed).toEqual(['over', 'over'])
  })
})
