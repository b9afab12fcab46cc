import type { ApiError } from '@bramble/shared/api/api-error.ts'
import { expect, it } from 'vitest'
import { type Bed, podsRevision, turns, written } from './bed.ts'

/** What is stored is bounded. */
export function hasAQuota(bed: Bed): void {
  it('takes no new objects beyond its quota, small changes an eighth further, and whatever makes room always; also after a restart', async () => {
    const told: boolean[] = []
    const options = { quotaBytes: 160_000, onQuota: (isFull: boolean) => void told.push(isFull) }
    await bed.open(options)
    const create = (name: string, length: number) => bed.store.create(`/core/pods/a/${name}`, 'x'.repeat(length))
    const change = (name: string, length: number, leaving = {}) => {
      const key = `/core/pods/a/${name}`
      return bed.store.update(key, 'y'.repeat(length), bed.store.get(key)?.revision ?? 0, leaving)
    }
    const full = { reason: 'InsufficientStorage', message: expect.stringContaining('--store-quota-mib') as string }
    for (let i = 0; i < 15; i++) await written(create(`${i}`, 10_000))
    expect(told).toEqual([])
    await expect(create('more', 10_000)).rejects.toMatchObject(full)
    expect(told).toEqual([true])
    await bed.crash(options)
    await expect(create('more', 10_000)).rejects.toMatchObject(full)
    await expect(change('0', 20_000)).rejects.toMatchObject(full)
    for (const name of ['0', '1', '2', '4']) await written(change(name, 15_000))
    await expect(change('3', 15_000)).rejects.toMatchObject(full)
    await written(change('3', 30_000, { isLeaving: true }))
    await written(change('3', 29_000))
    // What waits for the disk counts as well.
    for (const name of ['0', '1', '2', '3', '4', '5']) await written(change(name, 1000))
    expect(told.at(-1)).toBe(false)
    bed.log.hold()
    const waiting = Array.from({ length: 12 }, (_, i) =>
      create(`waiting-${i}`, 10_000).then(
        ({ type }) => type,
        (error: ApiError) => error.reason,
      ),
    )
    await turns()
    bed.log.release()
    const answers = await Promise.all(waiting)
    expect(answers.filter((answer) => answer === 'InsufficientStorage').length).toBeGreaterThan(4)
    await written(bed.store.delete('/core/pods/a/6', bed.store.get('/core/pods/a/6')?.revision ?? 0))
    await written(create('in-its-place', 9000))
  })

  it('counts two bytes for each character of a text that has one beyond Latin-1', async () => {
    await bed.open({ quotaBytes: 15_000 })
    await written(bed.store.create('/core/pods/a/latin', 'é'.repeat(10_000)))
    await written(bed.store.delete('/core/pods/a/latin', podsRevision(bed.store)))
    await expect(bed.store.create('/core/pods/a/wide', `${'x'.repeat(9999)}✓`)).rejects.toMatchObject({ reason: 'InsufficientStorage' })
  })
}
