import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { describe, expect, it } from 'vitest'
import { createTestApi, type Json, nodeUser } from '../testing/api.ts'

const core = '/api/v1/namespaces/default/events'
const other = '/apis/events.k8s.io/v1/namespaces/default/events'
const eventTime = '2026-01-01T00:00:00.000000Z'
const regarding = { kind: 'Pod', namespace: 'default', name: 'web' }
const reported = (name: string, more: object = {}) => ({
  ...{ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name }, eventTime, regarding, reason: 'Pulled', type: 'Normal' },
  ...{ action: 'Pull', note: 'done', reportingController: 'example.com/puller', reportingInstance: 'puller-1' },
  ...more,
})
const coreEvent = (name: string, more: object = {}) => ({
  ...{ apiVersion: 'v1', kind: 'Event', metadata: { name }, involvedObject: regarding, reason: 'Pulled', message: 'done', count: 3 },
  ...more,
})
const merge = 'application/merge-patch+json'

describe('the events of both groups', () => {
  it('are the same objects under other names', async () => {
    const { json, store } = await createTestApi()
    const { body: made } = await json('POST', other, { body: reported('a') })
    expect(await json('GET', `${core}/a`)).toMatchObject({
      code: 200,
      body: {
        apiVersion: 'v1',
        metadata: { name: 'a', uid: made.metadata.uid, resourceVersion: made.metadata.resourceVersion },
        ...{ involvedObject: regarding, message: 'done', reportingComponent: 'example.com/puller', eventTime },
      },
    })
    expect(await json('POST', core, { body: coreEvent('a') })).toMatchObject({ code: 409 })
    await json('POST', core, { body: coreEvent('b', { source: { component: 'kubelet' } }) })
    const { body } = await json('GET', `${other}/b`)
    expect(body).toEqual({
      ...{ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: expect.anything(), regarding, reason: 'Pulled', note: 'done' },
      ...{ deprecatedFirstTimestamp: null, deprecatedLastTimestamp: null, eventTime: null },
      ...{ deprecatedCount: 3, deprecatedSource: { component: 'kubelet' } },
    })
    const names = async (url: string) => (await json('GET', url)).body.items.map(({ metadata }: Json) => metadata.name)
    expect(await names(other)).toEqual(['a', 'b'])
    expect(await names(`${other}?fieldSelector=regarding.name=web,reportingController=example.com/puller`)).toEqual(['a'])
    expect(await names(`${core}?fieldSelector=involvedObject.name=web,reportingComponent=example.com/puller`)).toEqual(['a'])
    expect(await json('GET', `${other}?fieldSelector=involvedObject.name=web`)).toMatchObject({ code: 400 })
    expect(store.list('/core/events/').entries).toHaveLength(2)
    await json('DELETE', `${other}/a`)
    expect(await names(core)).toEqual(['b'])
  })

  it('are watched in the group that one asks in', async () => {
    const { ask, json } = await createTestApi()
    const stop = new AbortController()
    const heard = async (url: string) => {
      const response = await ask('GET', `${url}?watch=true`, { signal: stop.signal })
      if (response.type !== 'events') throw new Error('expected a watch')
      const events = response.events[Symbol.asyncIterator]()
      return async () => JSON.parse(((await events.next()).value as RawWatchEvent).text).object
    }
    const [inCore, inOther] = [await heard(core), await heard(other)]
    await json('POST', other, { body: reported('a') })
    expect(await inCore()).toMatchObject({ apiVersion: 'v1', message: 'done' })
    expect(await inOther()).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'done' })
    stop.abort()
  })

  it('have stricter rules in events.k8s.io, for new ones and for changes, also of those that came through the other group', async () => {
    const { json } = await createTestApi()
    expect(await json('POST', other, { body: reported('a', { deprecatedCount: 2, type: '' }) })).toMatchObject({
      code: 422,
      body: {
        message: 'Event "a" is invalid: [type: Invalid value: "": has invalid value: , count: Invalid value: "": needs to be unset]',
      },
    })
    await json('POST', core, { body: coreEvent('b') })
    expect(await json('PATCH', `${core}/b`, { body: { message: 'other' }, contentType: merge })).toMatchObject({ code: 200 })
    expect(await json('PATCH', `${other}/b`, { body: { note: 'done' }, contentType: merge })).toMatchObject({ code: 422 })
    const series = { count: 4, lastObservedTime: eventTime }
    expect(await json('PATCH', `${other}/b`, { body: { series }, contentType: merge })).toMatchObject({ code: 200 })
    expect(await json('GET', `${core}/b`)).toMatchObject({ body: { count: 3, series } })
  })

  it('are bounded for a node in whichever group it tells them', async () => {
    const { json } = await createTestApi()
    const labels = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${'a'.repeat(60)}${i}`.slice(-63), 'x'.repeat(60)]))
    const body = reported('a', { metadata: { name: 'a', labels } })
    expect(await json('POST', other, { body, user: nodeUser('n1') })).toMatchObject({
      code: 422,
      body: { message: expect.stringContaining('an event of a node can have at most 8192 bytes') },
    })
    expect(await json('POST', other, { body: reported('a'), user: nodeUser('n1') })).toMatchObject({ code: 201 })
  })

  it('wait for nobody when they are deleted', async () => {
    const { json } = await createTestApi()
    await json('POST', core, { body: coreEvent('a') })
    await json('DELETE', `${core}/a?propagationPolicy=Foreground`)
    expect(await json('GET', `${core}/a`)).toMatchObject({ code: 404 })
  })
})
