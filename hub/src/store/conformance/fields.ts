import { expect, it } from 'vitest'
import type { Entry, StoreEvent } from '../store.ts'
import { type Bed, podsRevision, written } from './bed.ts'

/** Entries by the fields that the store is told of. */
export function findsByFields(bed: Bed): void {
  it('finds and follows what has one value of a field, also as it was, and what has had it', async () => {
    const fieldsOf = (key: string, value: string) => (key.startsWith('/core/pods/') ? { on: value.split(' ')[0] ?? '' } : undefined)
    await bed.open({ fieldsOf })
    const on = (value: string) => ({ field: 'on', value })
    for (const name of ['b', 'c', 'a']) await written(bed.store.create(`/core/pods/x/${name}`, name === 'c' ? 'm 1' : 'n 1'))
    await written(bed.store.create('/core/pods/y/d', 'n 1'))
    await written(bed.store.create('/core/pods/y/nowhere', ''))
    await written(bed.store.create('/core/secrets/x/n', 'n 1'))
    const keys = (listing: { readonly entries: readonly Entry[] }) => listing.entries.map(({ key }) => key.slice(-3))
    expect(keys(bed.store.list('/core/pods/', { where: on('n') }))).toEqual(['x/a', 'x/b', 'y/d'])
    expect(keys(bed.store.list('/core/pods/x/', { where: on('n') }))).toEqual(['x/a', 'x/b'])
    expect(bed.store.list('/core/pods/', { where: on('n'), limit: 1 })).toMatchObject({ more: true, remaining: 2 })
    expect(keys(bed.store.list('/core/pods/', { where: on('n'), limit: 1, after: '/core/pods/x/a' }))).toEqual(['x/b'])
    expect(keys(bed.store.list('/core/pods/', { where: on('nobody') }))).toEqual([])
    expect(keys(bed.store.list('/core/secrets/', { where: on('n') }))).toEqual([])

    const revision = podsRevision(bed.store)
    const seen: string[] = []
    const heard = (events: readonly StoreEvent[]) =>
      seen.push(...events.map(({ type, entry: { key, value } }) => `${type} ${key} ${value}`))
    const watch = bed.store.watch('/core/pods/', revision, heard, { where: on('n') })
    const change = (key: string, value: string) => written(bed.store.update(key, value, bed.store.get(key)?.revision ?? 0))
    await change('/core/pods/x/a', 'm 2')
    await change('/core/pods/x/a', 'm 3')
    await change('/core/pods/x/c', 'n 2')
    await written(bed.store.delete('/core/pods/x/b', bed.store.get('/core/pods/x/b')?.revision ?? 0))
    const expected = ['put /core/pods/x/a m 2', 'put /core/pods/x/c n 2', 'delete /core/pods/x/b n 1']
    expect(seen).toEqual(expected)
    watch.close()
    seen.length = 0
    bed.store.watch('/core/pods/', revision, heard, { where: on('n') }).close()
    expect(seen).toEqual(expected)
    expect(keys(bed.store.list('/core/pods/', { where: on('n') }))).toEqual(['x/c', 'y/d'])
    expect(keys(bed.store.list('/core/pods/', { where: on('n'), revision }))).toEqual(['x/a', 'x/b', 'y/d'])

    await bed.crash({ fieldsOf })
    expect(keys(bed.store.list('/core/pods/', { where: on('n') }))).toEqual(['x/c', 'y/d'])
  })
}
