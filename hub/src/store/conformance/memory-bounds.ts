import { expect, it } from 'vitest'
import { type Bed, turns, written } from './bed.ts'

/** What is in memory only is bounded, each resource for itself. */
export function boundsWhatIsInMemoryOnly(bed: Bed): void {
  it('lets the oldest of a memory-only resource go when it has too many or too much, also while the disk stands', async () => {
    const boundOf = (prefix: string) =>
      prefix === '/core/events/' ? { count: 10, bytes: 50_000, whenFull: 'oldest-go' as const } : undefined
    await bed.open({ boundOf })
    const create = (name: string, value: string) => bed.store.create(`/core/events/a/${name}`, value)
    const names = () => bed.store.list('/core/events/').entries.map(({ key }) => key.slice('/core/events/a/'.length))
    const first = await written(create('z', 'again and again'))
    for (let i = 0; i < 9; i++) await written(create(`${i}`, 'e'))
    await written(bed.store.update(first.key, 'again', first.revision))
    for (const name of ['a', 'b']) await written(create(name, 'e'))
    expect(names()).toEqual(['2', '3', '4', '5', '6', '7', '8', 'a', 'b', 'z'])
    for (const name of ['c', 'd', 'e', 'f']) await written(create(name, 'x'.repeat(15_000)))
    expect(names()).toEqual(['d', 'e', 'f'])

    bed.log.hold()
    const pod = bed.store.create('/core/pods/a/x', '1')
    await turns()
    // More than there are revisions before those under way.
    const many = Array.from({ length: 600 }, (_, i) => create(`many-${i}`, 'e'))
    await turns()
    bed.log.release()
    await Promise.all([pod, ...many].map(written))
    await written(create('last', 'e'))
    await turns()
    expect(names()).toHaveLength(10)
    expect(names()).toContain('last')
  })

  it('refuses what is new of a memory-only resource that is full, and goes on with what is there', async () => {
    const boundOf = () => ({ count: 3, bytes: 50_000, whenFull: 'refuse' as const })
    await bed.open({ boundOf, quotaBytes: 0 })
    const create = (name: string, length = 1) => bed.store.create(`/coordination.k8s.io/leases/n/${name}`, 'x'.repeat(length))
    const a = await written(create('a'))
    await expect(create('large', 60_000)).rejects.toMatchObject({ reason: 'InsufficientStorage' })
    for (const name of ['b', 'c']) await written(create(name))
    await expect(create('d')).rejects.toMatchObject({ reason: 'InsufficientStorage' })
    const renewed = await written(bed.store.update(a.key, 'y'.repeat(30), a.revision))
    await expect(bed.store.update(a.key, 'y'.repeat(60_000), renewed.revision)).rejects.toMatchObject({
      reason: 'InsufficientStorage',
    })
    await written(bed.store.delete(a.key, renewed.revision))
    await written(create('d'))
  })
}
