import { expect, it } from 'vitest'
import { type Bed, podsRevision, written } from './bed.ts'

/** Each opening of a log is a life with a name of its own, in which what it tells is told. */
export function tellsItsLives(bed: Bed): void {
  const full = new Error('the disk is full')

  it('names each of its lives, and knows up to where it has the earlier ones', async () => {
    await bed.open({ life: 'A' })
    await written(bed.store.create('/core/pods/a/x', '1'))
    const ofA = podsRevision(bed.store)
    expect(bed.store.historyFor([])).toEqual({ lives: [{ life: 'A' }] })
    expect(bed.store.historyFor([{ life: 'A' }])).toEqual({ lives: [{ life: 'A' }] })
    await bed.crash({ life: 'B' })
    await written(bed.store.create('/core/pods/a/y', '1'))
    const ofB = podsRevision(bed.store)
    await bed.crash({ life: 'C' })
    const { lives = [] } = bed.store.historyFor([])
    expect(lives).toEqual([{ life: 'C' }, { life: 'B', to: ofB }, { life: 'A', to: ofA }])
    expect(['A', 'B', 'C', 'X'].map((life) => bed.store.historyFor([{ life }]).shared)).toEqual([ofA, ofB, undefined, 0])
  })

  it('has another name each time, also where nobody gave it one', async () => {
    await bed.open()
    const { lives: [before] = [] } = bed.store.historyFor([])
    await bed.reopen()
    const { lives: [now, last] = [] } = bed.store.historyFor([])
    expect(before?.life).toMatch(/^[0-9a-f]{16}$/)
    expect(last?.life).toBe(before?.life)
    expect(now?.life).not.toBe(before?.life)
  })

  it('tells nothing of a life whose name a full disk did not take, and names it with the first write that it does', async () => {
    await bed.open({ life: 'A' })
    await written(bed.store.create('/core/pods/a/x', '1'))
    const ofA = podsRevision(bed.store)
    await bed.crash({ life: 'B' }, (log) => log.failWith(full))
    expect([bed.store.historyFor([]), bed.store.historyFor([{ life: 'A' }])]).toEqual([{}, { shared: ofA }])
    await expect(bed.store.create('/core/pods/a/y', '1')).rejects.toThrow('the disk is full')
    expect(bed.store.historyFor([{ life: 'A' }])).toEqual({ shared: ofA })
    bed.log.heal()
    const both = await Promise.all([bed.store.create('/core/pods/a/y', '1'), bed.store.create('/core/pods/a/z', '1')])
    expect(both.map(({ type }) => type)).toEqual(['written', 'written'])
    expect(bed.store.historyFor([{ life: 'A' }])).toEqual({ lives: [{ life: 'B' }, { life: 'A', to: ofA }], shared: ofA })
    const ofB = podsRevision(bed.store)
    await bed.crash({ life: 'C' })
    expect(['A', 'B'].map((life) => bed.store.historyFor([{ life }]).shared)).toEqual([ofA, ofB])
  })
}
