import { expect, it } from 'vitest'
import { type Bed, written } from './bed.ts'

/** Two who change the same. */
export function letsOneWriterWin(bed: Bed): void {
  it('answers a create of what exists and a write of another revision with what is there', async () => {
    await bed.open()
    const first = await written(bed.store.create('/core/pods/a/x', '1'))
    expect(await bed.store.create('/core/pods/a/x', '2')).toEqual({ type: 'conflict', key: '/core/pods/a/x', current: first })
    const second = await written(bed.store.update('/core/pods/a/x', '2', first.revision))
    expect(second.revision).toBeGreaterThan(first.revision)
    expect(second.createRevision).toBe(first.createRevision)
    expect(await bed.store.update('/core/pods/a/x', '3', first.revision)).toEqual({
      type: 'conflict',
      key: '/core/pods/a/x',
      current: second,
    })
    expect(await bed.store.delete('/core/pods/a/x', first.revision)).toEqual({ type: 'conflict', key: '/core/pods/a/x', current: second })
    const gone = await written(bed.store.delete('/core/pods/a/x', second.revision))
    expect(gone).toMatchObject({ value: '2', createRevision: first.createRevision })
    expect(await bed.store.update('/core/pods/a/x', '3', second.revision)).toEqual({
      type: 'conflict',
      key: '/core/pods/a/x',
      current: undefined,
    })
    expect(bed.store.get('/core/pods/a/x')).toBeUndefined()
  })

  it('lets one of many writers of the same revision win', async () => {
    await bed.open()
    const { revision } = await written(bed.store.create('/core/pods/a/x', 'start'))
    const results = await Promise.all([1, 2, 3, 4, 5].map((n) => bed.store.update('/core/pods/a/x', String(n), revision)))
    expect(results.map(({ type }) => type)).toEqual(['written', 'conflict', 'conflict', 'conflict', 'conflict'])
    expect(bed.store.get('/core/pods/a/x')?.value).toBe('1')
  })
}
