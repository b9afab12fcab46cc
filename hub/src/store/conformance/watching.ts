import { expect, it } from 'vitest'
import type { StoreEvent } from '../store.ts'
import { type Bed, podsRevision, turns, written } from './bed.ts'

/** Changes in their order, without a gap. */
export function tellsWatchers(bed: Bed): void {
  it('tells a watcher every change after its revision, with what was there before', async () => {
    await bed.open()
    const a = await written(bed.store.create('/core/pods/a/x', '1'))
    const from = podsRevision(bed.store)
    const events: StoreEvent[] = []
    const b = await written(bed.store.update('/core/pods/a/x', '2', a.revision))
    await written(bed.store.create('/core/pods/b/y', '1'))
    const watcher = bed.store.watch('/core/pods/a/', from, (batch) => events.push(...batch))
    const c = await written(bed.store.delete('/core/pods/a/x', b.revision))
    expect(events).toMatchObject([
      { type: 'put', entry: b, previous: a },
      { type: 'delete', entry: { value: '2', revision: c.revision, createRevision: a.createRevision }, previous: b },
    ])
    watcher.close()
    await written(bed.store.create('/core/pods/a/z', '1'))
    expect(events).toHaveLength(2)
  })

  it('delivers in order also when a watcher writes from its callback', async () => {
    await bed.open()
    await written(bed.store.create('/core/events/a/0', '0'))
    const seen: string[] = []
    const late: string[] = []
    let wrote = false
    bed.store.watch('/core/events/', bed.store.revisionOf('/core/events/'), () => {
      if (wrote) return
      wrote = true
      void bed.store.create('/core/events/a/2', '2')
      bed.store.watch('/core/events/', bed.store.revisionOf('/core/events/'), (events) =>
        late.push(...events.map(({ entry }) => entry.value)),
      )
    })
    bed.store.watch('/core/events/', bed.store.revisionOf('/core/events/'), (events) =>
      seen.push(...events.map(({ entry }) => entry.value)),
    )
    await written(bed.store.create('/core/events/a/1', '1'))
    expect(seen).toEqual(['1', '2'])
    expect(late).toEqual([])
  })

  it('resumes a watch of written objects over a restart without a gap', async () => {
    await bed.open()
    const a = await written(bed.store.create('/core/pods/a/x', '1'))
    await written(bed.store.create('/core/events/a/e', '1'))
    const from = podsRevision(bed.store)
    const b = await written(bed.store.update('/core/pods/a/x', '2', a.revision))
    const c = await written(bed.store.delete('/core/pods/a/x', b.revision))
    await bed.crash()
    const events: StoreEvent[] = []
    bed.store.watch('/core/pods/', from, (batch) => events.push(...batch))
    const d = await written(bed.store.create('/core/pods/a/x', '3'))
    expect(events).toMatchObject([
      { type: 'put', entry: b, previous: a },
      { type: 'delete', entry: { revision: c.revision }, previous: b },
      { type: 'put', entry: d, previous: undefined },
    ])
  })

  it('tells when a revision is reached, or that it takes too long', async () => {
    await bed.open()
    const next = podsRevision(bed.store) + 1
    const stop = new AbortController()
    let isThere = false
    const reached = bed.store.reached('/core/pods/', next, stop.signal).then(() => (isThere = true))
    await turns()
    expect(isThere).toBe(false)
    await written(bed.store.create('/core/pods/a/x', '1'))
    await reached
    const never = bed.store.reached('/core/pods/', next + 1000, stop.signal)
    stop.abort()
    await never
  })
}
