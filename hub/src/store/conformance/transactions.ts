import { expect, it } from 'vitest'
import type { Entry } from '../store.ts'
import { type Bed, values, written } from './bed.ts'

/** What is written with an entry, and what must hold where it is. */
export function writesSeveralAtOnce(bed: Bed): void {
  it('writes several keys at once or none of them', async () => {
    await bed.open()
    const heard: string[] = []
    bed.store.watch('/core/services/', bed.store.revisionOf('/core/services/'), (events) =>
      heard.push(...events.map(({ entry }) => entry.key)),
    )
    const claiming = (name: string) =>
      bed.store.create(`/core/services/a/${name}`, name, { writes: [{ key: '/claims/services/ip/1', value: name, expected: 0 }] })
    const results = await Promise.all(['x', 'y', 'z'].map(claiming))
    expect(results.map(({ type }) => type)).toEqual(['written', 'conflict', 'conflict'])
    expect(results[1]).toMatchObject({ key: '/claims/services/ip/1', current: { value: 'x' } })
    expect(heard).toEqual(['/core/services/a/x'])
    const claim = bed.store.get('/claims/services/ip/1')
    const freed = { writes: [{ key: '/claims/services/ip/1', value: null, expected: claim?.revision ?? 0 }] }
    const { entry } = (await bed.store.delete('/core/services/a/x', bed.store.get('/core/services/a/x')?.revision ?? 0, freed)) as {
      entry: Entry
    }
    expect(entry.value).toBe('x')
    expect(bed.store.get('/claims/services/ip/1')).toBeUndefined()
    await bed.crash()
    expect(bed.store.get('/claims/services/ip/1')).toBeUndefined()
    expect(values(bed.store.list('/core/services/'))).toEqual([])
    expect((await claiming('y')).type).toBe('written')
  })

  it('writes only while what it relies on stands as it was', async () => {
    await bed.open()
    const space = await written(bed.store.create('/core/namespaces/a', 'active'))
    const inSpace = (name: string, revision: number) =>
      bed.store.create(`/core/pods/a/${name}`, name, { holds: [{ key: space.key, revision }] })
    expect((await inSpace('one', space.revision)).type).toBe('written')
    const [ended, late] = await Promise.all([bed.store.update(space.key, 'ending', space.revision), inSpace('two', space.revision)])
    expect([ended.type, late]).toEqual(['written', { type: 'conflict', key: space.key, current: bed.store.get(space.key) }])
    expect((await inSpace('three', 0)).type).toBe('conflict')
    expect(values(bed.store.list('/core/pods/'))).toEqual(['one'])
  })
}
