import { expect, it } from 'vitest'
import { type Bed, heardOf, podsRevision, values, written } from './bed.ts'

/** What is there, and what was. */
export function reads(bed: Bed): void {
  it('reads what was written, in key order and by page', async () => {
    await bed.open()
    for (const name of ['b', 'd', 'a', 'c']) await written(bed.store.create(`/core/pods/default/${name}`, name))
    await written(bed.store.create('/core/pods/other/x', 'x'))
    await written(bed.store.create('/core/secrets/default/a', 'secret'))
    expect(values(bed.store.list('/core/pods/default/'))).toEqual(['a', 'b', 'c', 'd'])
    expect(bed.store.list('/core/pods/', { limit: 2 })).toMatchObject({ more: true, remaining: 3, revision: podsRevision(bed.store) })
    expect(values(bed.store.list('/core/pods/', { limit: 2, after: '/core/pods/default/b' }))).toEqual(['c', 'd'])
    expect(bed.store.list('/core/pods/', { after: '/core/pods/default/d' })).toMatchObject({ more: false, remaining: 0 })
    expect(bed.store.list('/apps/deployments/').entries).toEqual([])
    expect(bed.store.get('/core/pods/default/nobody')).toBeUndefined()
  })

  it('takes a scope without a slash at its end for one key', async () => {
    await bed.open()
    for (const name of ['a', 'aa', 'a/b']) await written(bed.store.create(`/core/pods/x/${name}`, name))
    expect(values(bed.store.list('/core/pods/x/a'))).toEqual(['a'])
    expect(values(bed.store.list('/core/pods/x/', { after: '/core/pods/x/a' }))).toEqual(['a/b', 'aa'])
    expect(heardOf(bed.store, '/core/pods/x/a', 0)).toHaveLength(1)
  })

  it('lists as it was at a revision', async () => {
    await bed.open()
    const a = await written(bed.store.create('/core/pods/a/a', '1'))
    const b = await written(bed.store.create('/core/pods/a/b', '1'))
    const then = podsRevision(bed.store)
    await written(bed.store.update('/core/pods/a/a', '2', a.revision))
    await written(bed.store.delete('/core/pods/a/b', b.revision))
    await written(bed.store.create('/core/pods/a/c', '1'))
    expect(bed.store.list('/core/pods/', { revision: then }).entries).toEqual([a, b])
    expect(bed.store.list('/core/pods/', { revision: then, limit: 1 })).toMatchObject({
      entries: [a],
      more: true,
      remaining: 1,
      revision: then,
    })
    expect(bed.store.list('/core/pods/', { revision: then, limit: 1, after: a.key })).toMatchObject({ entries: [b], more: false })
    expect(values(bed.store.list('/core/pods/'))).toEqual(['2', '1'])
  })

  it('pages of a list are those of its revision, whatever came, changed and went meanwhile', async () => {
    await bed.open()
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, i) => written(bed.store.create(`/core/pods/a/${String(2 * i).padStart(2, '0')}`, '1'))),
    )
    await written(bed.store.create('/core/pods/b/x', '1'))
    const then = podsRevision(bed.store)
    const all = bed.store.list('/core/pods/a/', { revision: then }).entries
    for (const [index, { key, revision }] of made.entries()) {
      if (index % 3 === 0) await written(bed.store.update(key, '2', revision))
      if (index % 3 === 1) await written(bed.store.delete(key, revision))
      if (index % 4 === 0) await written(bed.store.create(`${key.slice(0, -2)}${String(2 * index + 1).padStart(2, '0')}`, 'new'))
    }
    for (const limit of [1, 3, 7, 50]) {
      const pages = []
      for (let after: string | undefined; ;) {
        const { entries, more, remaining } = bed.store.list('/core/pods/a/', {
          revision: then,
          limit,
          ...(after !== undefined && { after }),
        })
        pages.push(...entries)
        expect(remaining).toBe(all.length - pages.length)
        if (!more) break
        after = entries.at(-1)?.key
      }
      expect(pages).toEqual(all)
    }
  })
}
