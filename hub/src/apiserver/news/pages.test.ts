import { inflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { accountOf } from '../authn/client-certificate.ts'
import { createTestApi, type Json, nodeUser } from '../testing/api.ts'

const url = '/api/v1/nodes'

/** So many nodes, and work that takes as long as the test says. */
async function fleetOf(count: number) {
  let [ms, workMs] = [0, 0]
  const api = await createTestApi({ clock: { now: () => ms, monotonic: () => (ms += workMs) } })
  const name = (index: number) => `pi-${String(index).padStart(4, '0')}`
  const make = (index: number) => api.json('POST', url, { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: name(index) } } })
  for (let index = 0; index < count; index += 1) await make(index)
  const patch = (of: string, labels: Json) =>
    api.json('PATCH', `${url}/${of}`, { body: { metadata: { labels } }, contentType: 'application/merge-patch+json' })
  const page = async (who: string, query: string) => {
    const user = nodeUser(who)
    const answer = await api.handle(
      {
        ...{ method: 'GET', path: url, query: new URLSearchParams(query), headers: {}, signal: new AbortController().signal },
        ...{ pageBytes: 1024 * 1024, takesDeflated: true },
      },
      { user, account: accountOf(user) },
    )
    if (answer.type !== 'raw') throw new Error(`expected bytes, found ${answer.type}`)
    const bytes = Buffer.from(answer.raw)
    const list: Json = JSON.parse((answer.isDeflated === true ? inflateRawSync(bytes) : bytes).toString())
    return { list, isShared: answer.isDeflated === true, bytes: answer.raw }
  }
  const whole = async (who: string, limit: number) => {
    const items: Json[] = []
    let next = ''
    do {
      const { list, isShared } = await page(who, `limit=${limit}&continue=${next}`)
      expect(isShared).toBe(true)
      items.push(...list.items)
      next = list.metadata.continue ?? ''
    } while (next !== '')
    return items
  }
  return { api, name, make, patch, page, whole, workTakes: (each: number) => (workMs = each) }
}

it('a list in shared pages is the list that is made for a node alone, its own Node whole, whatever the size of its pages', async () => {
  const { api, name, patch, whole } = await fleetOf(200)
  await patch(name(77), { mine: 'yes' })
  for (const [who, limit] of [
    ['a-node', 500],
    [name(77), 500],
    [name(77), 130],
    [name(0), 64],
    [name(199), 150],
    ['somebody-else', 100],
  ] as const) {
    const { body } = await api.json('GET', url, { user: nodeUser(who) })
    expect(await whole(who, limit)).toEqual(body.items)
  }
  expect((await whole(name(77), 500))[77].metadata.labels).toMatchObject({ mine: 'yes' })
  expect((await whole(name(76), 500))[77].metadata.labels).toBeUndefined()
})

it('says how many are left, and where to watch from', async () => {
  const { api, name, page } = await fleetOf(200)
  const { list } = await page(name(3), 'limit=130')
  expect(list.items.length + list.metadata.remainingItemCount).toBe(200)
  const { body } = await api.json('GET', `${url}?limit=1`, { user: nodeUser(name(3)) })
  expect(list.metadata.resourceVersion).toBe(body.metadata.resourceVersion)
})

it('a page is made once for who asks for as much, and who asks for pages of ever other sizes does not have all of them kept', async () => {
  const { name, page } = await fleetOf(200)
  const first = await page(name(199), 'limit=130')
  expect((await page(name(198), 'limit=130')).bytes).toBe(first.bytes)
  for (let limit = 1000; limit < 1256; limit += 1) await page('a-node', `limit=${limit}`)
  expect((await page(name(198), 'limit=130')).bytes).not.toBe(first.bytes)
})

it('who asks right after others have been shown a page waits for the next, and misses nothing that was written before', async () => {
  const { name, make, page, workTakes } = await fleetOf(5)
  workTakes(1)
  await page(name(0), 'limit=500')
  await make(5)
  const [first, second] = [page(name(1), 'limit=500'), page(name(2), 'limit=500')]
  for (const { list } of await Promise.all([first, second])) expect(list.items).toHaveLength(6)
  expect((await first).list.metadata).toEqual((await second).list.metadata)
})

it('pages of one list are of one version, also when it is forgotten as a whole meanwhile', async () => {
  const { name, make, page } = await fleetOf(200)
  const { list } = await page(name(0), 'limit=130')
  for (let index = 200; index < 220; index += 1) {
    await make(index)
    await page(name(1), 'limit=500')
  }
  const rest = await page(name(0), `limit=500&continue=${list.metadata.continue}`)
  expect(rest.isShared).toBe(false)
  expect(list.items.length + rest.list.items.length).toBe(200)
})

it('who lists in pages and follows from there hears of each change once, whatever comes and goes between the pages', async () => {
  const { api, name, make, page } = await fleetOf(200)
  const user = nodeUser(name(5))
  const remove = (index: number) => api.json('DELETE', `${url}/${name(index)}`)
  const move = (index: number, last: number) => {
    const body = { status: { addresses: [{ type: 'InternalIP', address: `10.0.0.${last}` }] } }
    return api.json('PATCH', `${url}/${name(index)}/status`, { body, contentType: 'application/merge-patch+json' })
  }
  const known = new Map<string, Json>()
  let [next, from, round] = ['', '', 0]
  do {
    const { list } = await page(name(5), `limit=80&continue=${next}`)
    for (const item of list.items) known.set(item.metadata.name, item)
    from = list.metadata.resourceVersion
    next = list.metadata.continue ?? ''
    // At the edges of pages and within them: gone, gone and back, new, changed and gone, changed.
    for (const edge of [0, 63, 64, 79, 80, 127, 128, 190]) {
      await remove(edge + round)
      if (edge % 2 === 0) await make(edge + round)
      await move(edge + round + 1, round)
    }
    await make(200 + round++)
  } while (next !== '')
  expect(round).toBeGreaterThan(2)
  const over = new AbortController()
  const answer = await api.ask('GET', `${url}?watch=true&resourceVersion=${from}`, { user, signal: over.signal })
  if (answer.type !== 'events') throw new Error(`expected a watch, found ${answer.type}`)
  await move(5, 99)
  await remove(7)
  await make(999)
  const { body } = await api.json('GET', url, { user })
  const wrong: string[] = []
  for await (const { text } of answer.events) {
    for (const { type, object } of text.split('\n').map((line): Json => JSON.parse(line))) {
      const key: string = object.metadata.name
      if ((type === 'ADDED') === known.has(key)) wrong.push(`${type} ${key}`)
      if (type === 'DELETED') known.delete(key)
      else known.set(key, object)
    }
    if (known.has(name(999))) break
  }
  over.abort()
  expect(wrong).toEqual([])
  expect([...known.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))).toEqual(body.items)
})

it.each(['limit=3', 'limit=500&fieldSelector=metadata.name%3Dpi-0001', 'limit=500&resourceVersion=0', ''])(
  'what asks for something of its own is answered by itself: %s',
  async (query) => {
    const { name, page } = await fleetOf(5)
    expect((await page(name(0), query)).isShared).toBe(false)
  },
)
