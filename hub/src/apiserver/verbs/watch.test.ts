import { discard } from '@bramble/shared/api/discard.ts'
import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { configMap, createTestApi, type Json, pod } from '../testing/api.ts'

const url = '/api/v1/namespaces/default/configmaps'

describe('watch', () => {
  let stop = new AbortController()
  afterEach(() => {
    stop.abort()
    stop = new AbortController()
  })

  const setUp = async (deps = {}) => {
    const api = await createTestApi(deps)
    const watch = async (query: string, accept?: string) => {
      const response = await api.ask('GET', `${url}?watch=true&${query}`, { signal: stop.signal, accept })
      if (response.type !== 'events') throw new Error(`expected a watch, found ${JSON.stringify(response)}`)
      const iterator = response.events[Symbol.asyncIterator]() as AsyncIterator<RawWatchEvent>
      return async (): Promise<Json> => {
        const { value, done } = await iterator.next()
        return done === true ? undefined : JSON.parse(value.text)
      }
    }
    return { ...api, watch }
  }

  it('goes on from a list without a gap, in order', async () => {
    const { json, watch } = await setUp()
    await json('POST', url, { body: configMap('a') })
    const { body } = await json('GET', url)
    await json('POST', url, { body: configMap('b') })
    const next = await watch(`resourceVersion=${body.metadata.resourceVersion}`)
    await json('PUT', `${url}/a`, { body: configMap('a', { k: 'v' }) })
    await json('DELETE', `${url}/b`)
    expect(await next()).toMatchObject({ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'b' } } })
    expect(await next()).toMatchObject({ type: 'MODIFIED', object: { metadata: { name: 'a' }, data: { k: 'v' } } })
    const deleted = await next()
    expect(deleted).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'b' } } })
    expect(Number(deleted.object.metadata.resourceVersion)).toBeGreaterThan(Number(body.metadata.resourceVersion))
  })

  it('without a resourceVersion starts with what is there', async () => {
    const { json, watch } = await setUp()
    await json('POST', url, { body: configMap('a') })
    const next = await watch('')
    expect(await next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
  })

  it('an object that leaves the selection is DELETED, one that enters it ADDED', async () => {
    const { json, watch } = await setUp()
    const next = await watch('labelSelector=app%3Dweb')
    await json('POST', url, { body: configMap('other') })
    await json('POST', url, { body: configMap('a', {}, { labels: { app: 'web' } }) })
    await json('PUT', `${url}/a`, { body: configMap('a', {}, { labels: { app: 'db' } }) })
    await json('PUT', `${url}/a`, { body: configMap('a', { k: '1' }, { labels: { app: 'web' } }) })
    expect(await next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
    expect(await next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'a' } } })
    expect(await next()).toMatchObject({ type: 'ADDED', object: { data: { k: '1' } } })
  })

  it.each([
    ['as it is', undefined, (event: Json) => event.object.metadata],
    [
      'in a table',
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
      ({ object }: Json) => {
        expect(object.metadata.resourceVersion).toBe(object.rows[0].object.metadata.resourceVersion)
        return object.rows[0].object.metadata
      },
    ],
    [
      'as metadata',
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
      (event: Json) => event.object.metadata,
    ],
  ])('an object that leaves a selector is DELETED with its previous state and the new revision: %s', async (_form, accept, metadataOf) => {
    const { json, watch } = await setUp()
    const next = await watch('labelSelector=app%3Dweb', accept)
    await json('POST', url, { body: configMap('a', {}, { labels: { app: 'web' } }) })
    const { body: left } = await json('PUT', `${url}/a`, { body: configMap('a', {}, { labels: { app: 'db' } }) })
    await next()
    const event = await next()
    expect(event.type).toBe('DELETED')
    expect(metadataOf(event)).toMatchObject({ labels: { app: 'web' }, resourceVersion: left.metadata.resourceVersion })
    // What a list shows of it is what it became.
    expect((await json('GET', `${url}/a`)).body.metadata.labels).toEqual({ app: 'db' })
  })

  it('a pod that leaves a field selector is DELETED with its previous state and the new revision', async () => {
    const { json, ask } = await setUp()
    const pods = '/api/v1/namespaces/default/pods'
    const response = await ask('GET', `${pods}?watch=true&fieldSelector=spec.nodeName%3D`, { signal: stop.signal })
    if (response.type !== 'events') throw new Error('expected a watch')
    const events = response.events[Symbol.asyncIterator]()
    await json('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1' } } })
    await json('POST', pods, { body: pod('a') })
    const target = { kind: 'Node', name: 'pi-1' }
    await json('POST', `${pods}/a/binding`, { body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target } })
    const { body: bound } = await json('GET', `${pods}/a`)
    expect(bound.spec.nodeName).toBe('pi-1')
    await events.next()
    const event = JSON.parse((await events.next()).value.text)
    expect(event).toMatchObject({ type: 'DELETED', object: { metadata: { resourceVersion: bound.metadata.resourceVersion } } })
    expect(event.object.spec.nodeName).toBeUndefined()
  })

  it('initial events end with the bookmark that says so, and asking for them wrongly is refused', async () => {
    const { json, watch } = await setUp()
    await json('POST', url, { body: configMap('a') })
    const next = await watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true')
    expect(await next()).toMatchObject({ type: 'ADDED' })
    expect(await next()).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        metadata: { annotations: { 'k8s.io/initial-events-end': 'true' }, resourceVersion: expect.any(String) },
      },
    })
    expect(await json('GET', `${url}?watch=true&sendInitialEvents=true`)).toMatchObject({ code: 422, body: { reason: 'Invalid' } })
  })

  it('a resourceVersion whose history is gone is Expired, and one that this hub has not reached is waited for and then too large', async () => {
    const { json, store, watch } = await setUp({ mayLagMs: 10 })
    await json('POST', url, { body: configMap('a') })
    await json('POST', url, { body: configMap('b') })
    await store.compact(store.mark())
    // A watch is told in an event, and ends: that is where clients look.
    const old = await watch('resourceVersion=1')
    expect(await old()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
    expect(await old()).toBeUndefined()
    const tooLarge = {
      code: 504,
      reason: 'Timeout',
      details: { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
    }
    const ahead = await watch('resourceVersion=99999999')
    expect(await ahead()).toMatchObject({ type: 'ERROR', object: tooLarge })
    expect(await ahead()).toBeUndefined()
    expect(await json('GET', `${url}?resourceVersion=99999999`)).toMatchObject({ code: 504, body: tooLarge })
    expect((await json('GET', `${url}/a?resourceVersion=99999999`)).code).toBe(504)
    const next = store.mark().disk + 1
    const patient = json('GET', `${url}?resourceVersion=${next}`)
    await json('POST', url, { body: configMap('c') })
    expect((await patient).code).toBe(200)
  })

  it('bookmarks tell a quiet watcher how far it has come, and its time ends with one', async () => {
    const { json, watch, store } = await setUp({ bookmarkMs: 20 })
    const next = await watch('resourceVersion=0&allowWatchBookmarks=true&timeoutSeconds=1')
    await json('POST', '/api/v1/namespaces/kube-system/configmaps', { body: configMap('elsewhere') })
    let last: Json
    for (let event = await next(); event !== undefined; event = await next()) last = event
    expect(last).toMatchObject({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(store.mark().disk) } } })
  })

  it('one who hears of everything is told once how far it has come, until there is news', async () => {
    const { ask, json } = await setUp({ bookmarkMs: 10 })
    const query = 'watch=true&resourceVersion=0&allowWatchBookmarks=true&timeoutSeconds=1'
    const bookmarksOf = async (path: string) => {
      const response = await ask('GET', `${path}?${query}`, { signal: stop.signal })
      if (response.type !== 'events') throw new Error('expected a watch')
      const types: string[] = []
      for await (const { type } of response.events) {
        types.push(type)
        // Once it has been told, there is news.
        if (types.length === 1) await json('POST', url, { body: configMap('news') })
      }
      return types
    }
    // Its own end is told as well.
    expect(await bookmarksOf('/api/v1/configmaps')).toEqual(['BOOKMARK', 'ADDED', 'BOOKMARK', 'BOOKMARK'])
  })

  it('prints rows for kubectl: columns in the first event only', async () => {
    const { json, watch } = await setUp()
    const next = await watch('', 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json')
    await json('POST', url, { body: configMap('a') })
    await json('POST', url, { body: configMap('b') })
    const first = await next()
    expect(first.object).toMatchObject({ kind: 'Table', rows: [{ object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } }] })
    expect(first.object.columnDefinitions.length).toBeGreaterThan(0)
    expect((await next()).object.columnDefinitions).toBeNull()
  })

  it('all watchers of a change share one event', async () => {
    const { ask, json } = await setUp()
    const streams = await Promise.all(
      [1, 2].map(async () => {
        const response = await ask('GET', `${url}?watch=true`, { signal: stop.signal })
        if (response.type !== 'events') throw new Error('expected a watch')
        return response.events[Symbol.asyncIterator]()
      }),
    )
    await json('POST', url, { body: configMap('a') })
    const [first, second] = await Promise.all(streams.map((stream) => stream.next()))
    expect(first?.value).toBe(second?.value)
  })

  it('a watcher that does not keep up is ended after what it can still get, and another one is not', async () => {
    const { json, watch } = await setUp({ watchQueue: 3 })
    const [slow, quick] = [await watch(''), await watch('')]
    for (let index = 0; index < 5; index++) {
      await json('POST', url, { body: configMap(`c${index}`) })
      expect((await quick()).object.metadata.name).toBe(`c${index}`)
    }
    const seen = [await slow(), await slow(), await slow(), await slow()]
    expect(seen.map((event) => event?.object.metadata.name)).toEqual(['c0', 'c1', 'c2', undefined])
  })

  it('ends when its caller goes', async () => {
    const { watch } = await setUp()
    const next = await watch('')
    const waiting = next()
    stop.abort()
    expect(await waiting).toBeUndefined()
  })

  it('a watch that nobody reads is closed by its signal, and by giving the answer back', async () => {
    const { ask, store } = await createTestApi()
    const baseline = store.stats.watches
    const stop = new AbortController()
    await ask('GET', `${url}?watch=true`, { signal: stop.signal })
    const given = await ask('GET', `${url}?watch=true`)
    expect(store.stats.watches).toBe(baseline + 2)
    stop.abort()
    expect(store.stats.watches).toBe(baseline + 1)
    discard(given)
    expect(store.stats.watches).toBe(baseline)
    const aborted = await ask('GET', `${url}?watch=true`, { signal: AbortSignal.abort() })
    expect(aborted.status).toBe(200)
    expect(store.stats.watches).toBe(baseline)
  })
})
