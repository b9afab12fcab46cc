import { expect, it } from 'vitest'
import { type Bed, heardOf, podsRevision, turns, values, written } from './bed.ts'

/** What has been answered is on the disk, and what is not is nowhere. */
export function isDurable(bed: Bed): void {
  it('shows nothing of a batch before it is durable, and nothing of one that fails', async () => {
    await bed.open()
    const seen = heardOf(bed.store, '/core/pods/', podsRevision(bed.store))
    bed.log.hold()
    const write = bed.store.create('/core/pods/a/x', '1')
    const other = bed.store.create('/core/pods/a/y', '1')
    await turns()
    expect(bed.log.proposed.length).toBeGreaterThan(1)
    expect(bed.store.get('/core/pods/a/x')).toBeUndefined()
    bed.log.failWith(new Error('the disk is full'))
    bed.log.release()
    await expect(write).rejects.toThrow('the disk is full')
    await expect(other).rejects.toThrow('the disk is full')
    expect(bed.store.list('/core/pods/').entries).toEqual([])
    expect(seen).toEqual([])

    bed.log.heal()
    const later = await written(bed.store.create('/core/pods/a/x', '2'))
    expect(seen).toEqual([`put /core/pods/a/x 2 @${later.revision}`])
    await bed.reopen()
    expect(values(bed.store.list('/core/pods/'))).toEqual(['2'])
  })

  it('has every acknowledged write after a power cut', async () => {
    await bed.open()
    const kept = await written(bed.store.create('/core/pods/a/kept', '1'))
    const updated = await written(bed.store.update('/core/pods/a/kept', '2', kept.revision))
    const deleted = await written(bed.store.create('/core/pods/a/deleted', '1'))
    await written(bed.store.delete('/core/pods/a/deleted', deleted.revision))
    const before = podsRevision(bed.store)
    await bed.crash()
    expect(bed.store.list('/core/pods/').entries).toEqual([updated])
    expect((await written(bed.store.create('/core/pods/a/next', '1'))).revision).toBeGreaterThan(before)
  })

  it('finishes what is waiting before it closes, and ends its watches', async () => {
    await bed.open()
    const closed: string[] = []
    bed.store.watch('/core/pods/', podsRevision(bed.store), () => {}, { onClosed: (error) => closed.push(error.message) })
    bed.log.hold()
    const write = bed.store.create('/core/pods/a/x', '1')
    await turns()
    const waiting = bed.store.create('/core/pods/a/y', '1')
    const closing = bed.store.close()
    await expect(bed.store.create('/core/pods/a/z', '1')).rejects.toThrow('shutting down')
    bed.log.release()
    await Promise.all([written(write), written(waiting), closing])
    expect(closed).toEqual(['the store is closed: the hub is shutting down'])
    await bed.open()
    expect(bed.store.list('/core/pods/').entries).toHaveLength(2)
  })
}
