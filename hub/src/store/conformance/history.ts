import { expect, it } from 'vitest'
import { RevisionCompacted } from '../store.ts'
import { type Bed, podsRevision, written } from './bed.ts'

/** Changes that watchers resume from are bounded. */
export function boundsItsHistory(bed: Bed): void {
  it('bounds its history by itself, each resource for itself', async () => {
    await bed.open({ historyEvents: 10 })
    const pod = await written(bed.store.create('/core/pods/a/x', '1'))
    for (let i = 0; i < 30; i++) await written(bed.store.create(`/core/configmaps/a/${i}`, 'v'))
    expect(() => bed.store.watch('/core/configmaps/', pod.revision, () => {})).toThrow(RevisionCompacted)
    bed.store.watch('/core/pods/', pod.revision, () => {}).close()
    expect(bed.store.list('/core/configmaps/').entries).toHaveLength(30)
  })

  it('bounds its history also by what objects were before they became small', async () => {
    await bed.open({ historyBytes: 50_000 })
    const create = (_: unknown, index: number) => written(bed.store.create(`/core/pods/a/${index}`, 'x'.repeat(10_000)))
    const large = await Promise.all(Array.from({ length: 20 }, create))
    const revision = podsRevision(bed.store)
    await bed.store.compact(bed.store.mark())
    await Promise.all(large.map(({ key, revision: expected }) => written(bed.store.update(key, 'small', expected))))
    expect(() => bed.store.watch('/core/pods/', revision, () => {})).toThrow(RevisionCompacted)
  })
}
