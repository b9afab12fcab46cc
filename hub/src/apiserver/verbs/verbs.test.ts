import { describe, expect, it, vi } from 'vitest'
import { overLoopback } from '../authz/hub-parts.ts'
import { admin, configMap, createTestApi, jsonOf } from '../testing/api.ts'

const url = '/api/v1/namespaces/default/configmaps'

describe('create, get, list, update, delete', () => {
  it('a created object has uid, time and resourceVersion, and is read back as it was answered', async () => {
    const { json } = await createTestApi()
    const created = await json('POST', url, { body: configMap('a', { k: 'v' }) })
    expect(created.code).toBe(201)
    expect(created.body.metadata).toMatchObject({
      name: 'a',
      namespace: 'default',
      uid: expect.any(String),
      resourceVersion: expect.any(String),
    })
    const read = await json('GET', `${url}/a`)
    expect(read.body).toEqual(created.body)
    const { body } = await json('GET', url)
    const { kind: _kind, apiVersion: _apiVersion, ...item } = created.body
    expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    expect(body.items).toEqual([item])
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(created.body.metadata.resourceVersion))
  })

  it('an update for an old resourceVersion is refused, one without is taken, and one that changes nothing writes nothing', async () => {
    const { json, store } = await createTestApi()
    const { body: first } = await json('POST', url, { body: configMap('a') })
    const second = await json('PUT', `${url}/a`, { body: { ...first, data: { k: '1' } } })
    expect(second.code).toBe(200)
    const stale = await json('PUT', `${url}/a`, { body: { ...first, data: { k: '2' } } })
    expect(stale).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
    const third = await json('PUT', `${url}/a`, { body: configMap('a', { k: '3' }) })
    expect(third.body.data).toEqual({ k: '3' })
    const before = store.mark().disk
    await json('PUT', `${url}/a`, { body: configMap('a', { k: '3' }) })
    expect(store.mark().disk).toBe(before)
  })

  it('a name that is taken, missing or not a name is refused in the words of Kubernetes', async () => {
    const { json } = await createTestApi()
    await json('POST', url, { body: configMap('a') })
    expect(await json('POST', url, { body: configMap('a') })).toMatchObject({
      code: 409,
      body: { reason: 'AlreadyExists', message: 'configmaps "a" already exists', details: { name: 'a', kind: 'configmaps' } },
    })
    expect(await json('POST', url, { body: configMap('Not_A_Name') })).toMatchObject({ code: 422, body: { reason: 'Invalid' } })
    expect(await json('GET', `${url}/b`)).toMatchObject({ code: 404, body: { message: 'configmaps "b" not found' } })
    expect(await json('POST', '/api/v1/namespaces/nowhere/configmaps', { body: configMap('a') })).toMatchObject({
      code: 404,
      body: { message: 'namespaces "nowhere" not found' },
    })
  })

  it('a generated name is drawn behind its prefix', async () => {
    const { json } = await createTestApi()
    const { body } = await json('POST', url, { body: { ...configMap(''), metadata: { generateName: 'job-' } } })
    expect(body.metadata.name).toMatch(/^job-[a-z0-9]{5}$/)
  })

  it('an unknown field is refused when Strict, warned of by default, and dropped', async () => {
    const { json } = await createTestApi()
    const body = { ...configMap('a'), dta: { k: 'v' } }
    const strict = await json('POST', `${url}?fieldValidation=Strict`, { body })
    expect(strict.code).toBe(400)
    expect(strict.body.message).toContain('strict decoding error: unknown field "dta"')
    const warned = await json('POST', url, { body })
    expect(warned.headers['warning']).toBe('299 - "unknown field \\"dta\\""')
    expect(warned.body).not.toHaveProperty('dta')
  })

  it('a dry run answers what would be, and changes nothing', async () => {
    const { json, store } = await createTestApi()
    const before = store.mark().disk
    expect((await json('POST', `${url}?dryRun=All`, { body: configMap('a') })).code).toBe(201)
    expect(store.mark().disk).toBe(before)
    await json('POST', url, { body: configMap('a') })
    const { body } = await json('PUT', `${url}/a?dryRun=All`, { body: configMap('a', { k: 'v' }) })
    expect(body.data).toEqual({ k: 'v' })
    expect((await json('GET', `${url}/a`)).body.data).toBeUndefined()
    expect((await json('DELETE', `${url}/a?dryRun=All`)).code).toBe(200)
    expect((await json('GET', `${url}/a`)).code).toBe(200)
  })

  it('concurrent patches of one object are all taken', async () => {
    const { json } = await createTestApi()
    await json('POST', url, { body: configMap('a') })
    const keys = Array.from({ length: 8 }, (_, index) => `k${index}`)
    await Promise.all(
      keys.map((key) => json('PATCH', `${url}/a`, { body: { data: { [key]: 'v' } }, contentType: 'application/merge-patch+json' })),
    )
    expect(Object.keys((await json('GET', `${url}/a`)).body.data)).toHaveLength(8)
  })

  it('deleting obeys preconditions, and answers a Status with the uid', async () => {
    const { json } = await createTestApi()
    const { body: created } = await json('POST', url, { body: configMap('a') })
    const options = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'other' } }
    expect(await json('DELETE', `${url}/a`, { body: options })).toMatchObject({ code: 409 })
    expect(await json('DELETE', `${url}/a`)).toMatchObject({
      code: 200,
      body: { kind: 'Status', status: 'Success', details: { uid: created.metadata.uid } },
    })
    expect((await json('GET', `${url}/a`)).code).toBe(404)
  })

  it('an object with a finalizer stays marked until the finalizer is taken away', async () => {
    const { json } = await createTestApi()
    await json('POST', url, { body: configMap('a', {}, { finalizers: ['example.com/hold'] }) })
    const marked = await json('DELETE', `${url}/a`)
    expect(marked.body.metadata.deletionTimestamp).toEqual(expect.any(String))
    await json('PATCH', `${url}/a`, { body: { metadata: { finalizers: null } }, contentType: 'application/merge-patch+json' })
    expect((await json('GET', `${url}/a`)).code).toBe(404)
  })

  it('lists come in pages of one revision', async () => {
    const { json } = await createTestApi()
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await json('POST', url, { body: configMap(name, {}, { labels: { odd: String('ace'.includes(name)) } }) })
    const first = await json('GET', `${url}?limit=2`)
    expect(first.body.metadata.remainingItemCount).toBe(3)
    await json('DELETE', `${url}/c`)
    const second = await json('GET', `${url}?limit=10&continue=${first.body.metadata.continue}`)
    expect(second.body.items.map((one: { metadata: { name: string } }) => one.metadata.name)).toEqual(['c', 'd', 'e'])
    const odd = await json('GET', `${url}?limit=2&labelSelector=odd%3Dtrue`)
    expect(odd.body.items).toHaveLength(2)
    expect((await json('GET', `${url}?continue=nonsense`)).code).toBe(400)
  })

  it('a page whose revision is gone is refused with a token that goes on in what there is now', async () => {
    const { json, store } = await createTestApi()
    for (const name of ['a', 'b', 'c', 'd', 'e']) await json('POST', url, { body: configMap(name) })
    const first = await json('GET', `${url}?limit=2`)
    const { resourceVersion } = first.body.metadata
    await json('DELETE', `${url}/c`)
    await store.compact(store.mark())
    const refused = await json('GET', `${url}?limit=1&continue=${first.body.metadata.continue}`)
    expect(refused).toMatchObject({ code: 410, body: { reason: 'Expired', metadata: { continue: expect.any(String) } } })
    const second = await json('GET', `${url}?limit=1&continue=${refused.body.metadata.continue}`)
    const rest = await json('GET', `${url}?continue=${second.body.metadata.continue}`)
    expect([...second.body.items, ...rest.body.items].map(({ metadata }) => metadata.name)).toEqual(['d', 'e'])
    expect(Number(second.body.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion))
    expect(rest.body.metadata.resourceVersion).toBe(second.body.metadata.resourceVersion)
    expect(await json('GET', `${url}?resourceVersionMatch=Exact&resourceVersion=${resourceVersion}`)).toMatchObject({
      code: 410,
      body: { reason: 'Expired', message: 'The resourceVersion for the provided list is too old.', metadata: {} },
    })
  })

  it('a page for a door with bounded messages ends by bytes too, and the pages together are the list', async () => {
    const { json, handle } = await createTestApi()
    for (const [index, kilobytes] of [1, 300, 300, 500, 900, 1, 1].entries())
      await json('POST', url, { body: configMap(`c${index}`, { filler: 'x'.repeat(kilobytes * 1024) }) })
    const pages: { metadata: { continue?: string; remainingItemCount?: number }; items: { metadata: { name: string } }[] }[] = []
    let token: string | undefined = ''
    while (token !== undefined) {
      const query = new URLSearchParams({ limit: '3', continue: token })
      const headers = { accept: 'application/json' }
      const response = await handle(
        { method: 'GET', path: url, query, headers, pageBytes: 800 * 1024, signal: new AbortController().signal },
        overLoopback(admin),
      )
      const page = jsonOf(response)
      pages.push(page)
      token = page.metadata.continue
    }
    expect(pages.map(({ items }) => items.map(({ metadata }) => metadata.name))).toEqual([['c0', 'c1', 'c2'], ['c3'], ['c4'], ['c5', 'c6']])
    expect(pages.map(({ metadata }) => metadata.remainingItemCount)).toEqual([4, 3, 2, undefined])
    // Nobody else's pages change, and a list that is not asked for in pages is whole.
    expect((await json('GET', `${url}?limit=6`)).body.items).toHaveLength(6)
    const whole = await handle(
      { method: 'GET', path: url, query: new URLSearchParams(), headers: {}, pageBytes: 1, signal: new AbortController().signal },
      overLoopback(admin),
    )
    expect(jsonOf(whole).items).toHaveLength(7)
  })

  it('one object asked for by its name is read, and those of other names are not parsed to know it', async () => {
    const { json } = await createTestApi()
    for (const name of ['a', 'b', 'aa']) await json('POST', url, { body: configMap(name) })
    const parse = vi.spyOn(JSON, 'parse')
    const { body } = await json('GET', `${url}?fieldSelector=metadata.name%3Da`)
    // Its own, and the test's reading of the answer.
    const parsed = parse.mock.calls.length
    parse.mockRestore()
    expect(body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['a'])
    expect(parsed).toBeLessThanOrEqual(2)
    const others = await json('GET', `${url}?fieldSelector=metadata.name!%3Da`)
    expect(others.body.items).toHaveLength(2)
  })

  it('deletecollection deletes what its selector shows', async () => {
    const { json } = await createTestApi()
    for (const name of ['a', 'b', 'c']) await json('POST', url, { body: configMap(name, {}, { labels: { gone: String(name !== 'b') } }) })
    const { body } = await json('DELETE', `${url}?labelSelector=gone%3Dtrue`)
    expect(body).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }, { metadata: { name: 'c' } }] })
    // What the list says of its items they do not say again.
    for (const item of body.items) expect(Object.keys(item)).not.toContain('kind')
    const left = await json('GET', url)
    expect(left.body.items.map((one: { metadata: { name: string } }) => one.metadata.name)).toEqual(['b'])
  })

  it.each(['/api/v1/secrets', '/api/v1/pods', '/apis/apps/v1/deployments', '/api/v1/namespaces'])(
    'DELETE of %s, without a name or a namespace, empties no cluster',
    async (path) => {
      const { json } = await createTestApi()
      await json('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps' } } })
      await json('POST', '/api/v1/namespaces/apps/secrets', { body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } } })
      expect(await json('DELETE', path)).toMatchObject({ code: 405, body: { reason: 'MethodNotAllowed' } })
      expect((await json('GET', '/api/v1/namespaces/apps/secrets/a')).code).toBe(200)
      expect((await json('GET', '/api/v1/namespaces/apps')).body.metadata.deletionTimestamp).toBeUndefined()
    },
  )
})
