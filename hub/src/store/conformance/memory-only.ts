import { expect, it } from 'vitest'
import { RevisionCompacted, type Entry } from '../store.ts'
import { type Bed, leases, turns, values, written } from './bed.ts'

/** Resources that are never written have revisions of their own. */
export function keepsSomeInMemoryOnly(bed: Bed): void {
  it('keeps memory-only objects from the log, with revisions above all that were given before', async () => {
    // Each life begins further down in its range than the one before.
    await bed.open({ random: () => 0.9 })
    let newest = 0
    for (let i = 0; i < 250; i++) newest = (await written(bed.store.create(`/core/events/a/${i}`, 'e'))).revision
    expect(bed.log.proposed.flatMap(({ writes }) => writes).filter(({ key }) => key.includes('/events/'))).toEqual([])
    expect(bed.store.list('/core/events/').entries).toHaveLength(250)
    for (let life = 0; life < 3; life++) {
      await bed.crash({ random: () => 0.6 - life / 5 })
      expect(bed.store.list('/core/events/').entries).toEqual([])
      const { revision } = await written(bed.store.create('/core/events/a/e', 'e'))
      expect(revision).toBeGreaterThan(newest)
      newest = revision
    }
    expect(Number.isSafeInteger(newest)).toBe(true)
  })

  it('takes memory-only changes at once, also while the log is stalled or refuses everything', async () => {
    await bed.open()
    const seen: Entry[] = []
    const watch = bed.store.watch(leases, bed.store.revisionOf(leases), (events) => seen.push(...events.map(({ entry }) => entry)))
    bed.log.hold()
    const pod = bed.store.create('/core/pods/a/x', '1')
    await turns()
    const lease = await written(bed.store.create(`${leases}n/a`, '0'))
    expect(bed.store.get(`${leases}n/a`)).toEqual(lease)
    bed.log.failWith(new Error('the disk is full'))
    bed.log.release()
    await expect(pod).rejects.toThrow('the disk is full')
    const renewed = await written(bed.store.update(lease.key, '1', lease.revision))
    expect(seen).toEqual([lease, renewed])
    expect(await bed.store.update(lease.key, '2', lease.revision)).toMatchObject({ type: 'conflict', current: renewed })
    watch.close()
  })

  it('begins also on a full disk, and tells the lives apart', async () => {
    await bed.open({ random: () => 0.5 })
    const before = await written(bed.store.create('/core/events/a/e', 'e'))
    await bed.crash({ random: () => 0.25 }, (log) => log.failWith(new Error('the disk is full')))
    expect(() => bed.store.watch('/core/events/', before.revision, () => {})).toThrow()
    expect(values(bed.store.list('/core/pods/'))).toEqual([])
    await written(bed.store.create('/core/events/a/e', 'e'))
  })

  it('sends a watcher of memory-only objects back to list after a restart, also from the last revision there was', async () => {
    await bed.open()
    await written(bed.store.create('/core/events/a/e', '1'))
    const last = bed.store.revisionOf('/core/events/')
    await bed.reopen()
    expect(() => bed.store.watch('/core/events/', last, () => {})).toThrow(RevisionCompacted)
    expect(() => bed.store.list('/core/events/', { revision: last })).toThrow(RevisionCompacted)
    bed.store.watch('/core/events/', bed.store.list('/core/events/').revision, () => {}).close()
  })
}
