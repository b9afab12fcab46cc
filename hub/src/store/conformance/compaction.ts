import { expect, it } from 'vitest'
import type { LogRow } from '../log.ts'
import { RevisionAhead, RevisionCompacted } from '../store.ts'
import { type Bed, heardOf, podsRevision, turns, written } from './bed.ts'

/** What is forgotten, and who hears that it was. */
export function compacts(bed: Bed): void {
  it('refuses revisions that were compacted, and otherwise those it has not reached', async () => {
    await bed.open()
    const a = await written(bed.store.create('/core/pods/a/x', '1'))
    const b = await written(bed.store.update('/core/pods/a/x', '2', a.revision))
    const c = await written(bed.store.update('/core/pods/a/x', '3', b.revision))
    const d = await written(bed.store.create('/core/pods/a/y', '1'))
    await written(bed.store.delete('/core/pods/a/y', d.revision))
    await bed.store.compact({ ...bed.store.mark(), disk: b.revision })
    expect(() => bed.store.watch('/core/pods/', a.revision, () => {})).toThrow(RevisionCompacted)
    expect(() => bed.store.list('/core/pods/', { revision: a.revision })).toThrow(RevisionCompacted)
    expect(() => bed.store.watch('/core/pods/', podsRevision(bed.store) + 1, () => {})).toThrow(RevisionAhead)
    expect(() => bed.store.list('/core/pods/', { revision: podsRevision(bed.store) + 1 })).toThrow(RevisionAhead)
    expect(bed.store.list('/core/pods/', { revision: b.revision }).entries).toEqual([b])
    await bed.store.compact(bed.store.mark())
    await bed.crash()
    expect(bed.store.list('/core/pods/').entries).toEqual([c])
    expect(() => bed.store.watch('/core/pods/', b.revision, () => {})).toThrow(RevisionCompacted)
  })

  it('remembers what it has forgotten, also when that happens twice at once', async () => {
    await bed.open()
    const revisions: number[] = []
    let entry = await written(bed.store.create('/core/pods/a/x', '0'))
    for (let i = 1; i < 9; i++) {
      revisions.push(entry.revision)
      entry = await written(bed.store.update('/core/pods/a/x', String(i), entry.revision))
    }
    bed.log.hold()
    const first = bed.store.compact({ ...bed.store.mark(), disk: revisions[2] as number })
    await turns()
    const second = bed.store.compact({ ...bed.store.mark(), disk: revisions[5] as number })
    bed.log.release()
    await Promise.all([first, second])
    await bed.crash()
    expect(() => bed.store.watch('/core/pods/', revisions[4] as number, () => {})).toThrow(RevisionCompacted)
    expect(heardOf(bed.store, '/core/pods/', revisions[5] as number)).toHaveLength(3)
  })

  it('lets a watcher resume from long ago where nothing was forgotten since', async () => {
    await bed.open()
    const quiet = await written(bed.store.create('/core/namespaces/a', '1'))
    const pod = await written(bed.store.create('/core/pods/a/x', '1'))
    const seen = podsRevision(bed.store)
    const changed = await written(bed.store.update('/core/pods/a/x', '2', pod.revision))
    await bed.store.compact({ ...bed.store.mark(), disk: changed.revision })
    await bed.crash()
    expect(heardOf(bed.store, '/core/namespaces/', quiet.revision)).toEqual([])
    expect(() => bed.store.watch('/core/pods/', seen, () => {})).toThrow(RevisionCompacted)
  })

  it('drops from the log what compaction made useless, and nothing else', async () => {
    await bed.open()
    let entry = await written(bed.store.create('/core/pods/a/x', '0'))
    for (let i = 1; i < 20; i++) entry = await written(bed.store.update('/core/pods/a/x', String(i), entry.revision))
    const gone = await written(bed.store.create('/core/pods/a/gone', '0'))
    await written(bed.store.delete('/core/pods/a/gone', gone.revision))
    const last = podsRevision(bed.store)
    await bed.store.compact(bed.store.mark())
    await bed.store.close()
    const reopened = await bed.openLog()
    const rows: LogRow[] = []
    const loaded = await reopened.load()
    for await (const chunk of loaded.rows) rows.push(...chunk.filter(({ key }) => key.startsWith('/core/')))
    expect(rows).toMatchObject([{ revision: entry.revision, key: entry.key, value: '19' }])
    // The newest of all was a deletion and is forgotten: its revision is not given out again.
    expect(loaded.revision()).toBeGreaterThanOrEqual(last)
    await reopened.close()
    await bed.open()
  })
}
