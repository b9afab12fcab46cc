import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { describe, expect, it } from 'vitest'
import { configMap, createTestApi, nodeUser } from '../testing/api.ts'

const url = '/api/v1/namespaces/default/configmaps'
const filler = 'x'.repeat(100_000)

async function world(count: number) {
  const api = await createTestApi()
  for (let i = 0; i < count; i++) expect((await api.json('POST', url, { body: configMap(`map-${i}`, { filler }) })).code).toBe(201)
  return api
}

const leave = (answer: ApiResponse) => answer.type === 'stream' && answer.stream[Symbol.asyncIterator]().return?.()

describe('a long list', () => {
  it.each([
    ['application/json', 'ConfigMapList', 'items'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io', 'Table', 'rows'],
    ['application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', 'PartialObjectMetadataList', 'items'],
  ])('is sent as it is read, and says as %s what its pages say', async (accept, kind, parts) => {
    const { ask, json } = await world(5)
    const answer = await ask('GET', url, { accept })
    expect(answer.type).toBe('stream')
    await leave(answer)
    const { body } = await json('GET', url, { accept })
    expect(body).toMatchObject({ kind, metadata: { resourceVersion: expect.any(String) as string } })
    const pages = [await json('GET', `${url}?limit=2`, { accept })]
    while (pages.at(-1)?.body.metadata.continue !== undefined)
      pages.push(await json('GET', `${url}?limit=2&continue=${pages.at(-1)?.body.metadata.continue}`, { accept }))
    expect(body[parts]).toEqual(pages.flatMap((page) => page.body[parts]))
    expect(body[parts]).toHaveLength(5)
    expect(body.columnDefinitions).toEqual(pages[0]?.body.columnDefinitions)
  })

  it('that cannot be read in a part leaves that out', async () => {
    const { store, json } = await world(5)
    await store.create('/core/configmaps/default/odd', 'no object')
    const { body, headers } = await json('GET', url)
    expect(body.items).toHaveLength(5)
    expect(headers['warning']).toContain('the first is /core/configmaps/default/odd')
  })

  it('has room until its reader has gone, and more of them wait', async () => {
    const { ask } = await world(110)
    const open = await Promise.all(Array.from({ length: 4 }, () => ask('GET', url)))
    expect(open.map(({ type }) => type)).toEqual(['stream', 'stream', 'stream', 'stream'])
    let isOpen = false
    const fifth = ask('GET', url).then((answer) => ((isOpen = true), answer))
    const small = await ask('GET', '/api/v1/namespaces/default')
    expect(small.status).toBe(200)
    await new Promise((resolve) => setImmediate(resolve))
    expect(isOpen).toBe(false)
    const watch = new AbortController()
    const sixth = ask('GET', `${url}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`, { signal: watch.signal })
    await leave(open[0] as ApiResponse)
    const answer = await fifth
    expect(answer.status).toBe(200)
    await leave(answer)
    expect((await sixth).type).toBe('events')
    watch.abort()
    for (const one of open) await leave(one)
  })

  it('whose reader has left before it has room takes none', async () => {
    const { ask } = await world(110)
    const open = await Promise.all(Array.from({ length: 4 }, () => ask('GET', url)))
    const gone = new AbortController()
    const waiting = ask('GET', url, { signal: gone.signal })
    gone.abort()
    expect(await waiting).toMatchObject({ status: 429 })
    for (const one of open) await leave(one)
    const again = await Promise.all(Array.from({ length: 4 }, () => ask('GET', url)))
    for (const one of again) await leave(one)
    expect(again.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  })
})

it('a collection of many is deleted many at a time, and its answer has its room until it is read', async () => {
  const { ask, json } = await world(110)
  const answer = await ask('DELETE', url)
  expect(answer.type).toBe('stream')
  expect((await json('GET', url)).body.items).toEqual([])
  await leave(answer)
  await Promise.all(Array.from({ length: 5 }, (_, i) => json('POST', url, { body: configMap(`map-${i}`, { filler }) })))
  const { body } = await json('DELETE', url)
  expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
  expect(body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([0, 1, 2, 3, 4].map((i) => `map-${i}`))
})

describe('answers that nobody reads', () => {
  it('small ones have a bound as well, which is another for each', async () => {
    const { server } = await createTestApi()
    const { signal } = new AbortController()
    const take = (name: string) => server.budget.waitToAnswer({ of: 'nodes', name: nodeUser(name).name }, 64 * 1024, { signal })
    const held = await Promise.all(Array.from({ length: 200 }, () => take('evil')))
    expect(held.filter((leave) => leave !== undefined)).toHaveLength(128)
    expect(await take('good')).toBeDefined()
    held[0]?.()
    held[0]?.()
    expect([await take('evil'), await take('evil')].map((leave) => leave !== undefined)).toEqual([true, false])
  })
})
