import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import { describe, expect, it } from 'vitest'
import { createLoopbackClient } from '../../client/loopback.ts'
import { conditionsOf } from './conditions.ts'
import { empty } from './empty.ts'

type Answer = { readonly status?: number; readonly body?: unknown }
const flowers = { group: 'garden.example.com', version: 'v1', resource: 'flowers', kind: 'Flower', namespaced: true }
const trees = { ...flowers, resource: 'trees', kind: 'Tree' }
const rose = (name = 'rose') => ({ metadata: { name, namespace: 'default' } })
const refused = (status: number, reason: string, message = reason): Answer => ({
  status,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code: status },
})

/** Empties a namespace of what another server keeps in it, and tells what that was asked. */
async function emptied(answerOf: (request: ApiRequest, asked: readonly string[]) => Answer, contents = [flowers]) {
  const asked: string[] = []
  const client = createLoopbackClient({
    handle: async (request) => {
      const { method, path, query } = request
      asked.push(`${method} ${path.split('/').at(-1)} ${query.get('limit') ?? ''} ${query.get('continue') ?? ''}`.trim())
      const { status = 200, body = {} } = answerOf(request, asked)
      async function* stream() {
        yield Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
      }
      return { type: 'stream', status, contentType: 'application/json', stream: stream() }
    },
    ...{ user: { name: 'hub', groups: [] }, manager: 'test' },
  })
  const found = await empty(client, { contents, namespace: 'default', signal: new AbortController().signal })
  return { ...found, asked }
}

describe('what another server keeps in a namespace', () => {
  it.each<[string, unknown]>([
    ['without a word of more', { items: [] }],
    ['made in Go, which says null', { items: null, metadata: { continue: null } }],
    ['without metadata', { items: null }],
  ])('is nothing in a list %s', async (_which, body) => {
    expect(await emptied(() => ({ body }))).toEqual({ left: [], failures: [], asked: ['GET flowers 500'] })
  })

  it.each([
    ['NotFound', 404],
    ['MethodNotAllowed', 405],
  ])('holds nothing up where listing it, or deleting a collection, is answered %s', async (reason, status) => {
    expect(await emptied(() => refused(status, reason))).toMatchObject({ left: [], failures: [] })
    expect(await emptied(() => ({ status, body: 'no such page' }))).toMatchObject({ left: [], failures: [] })
    const unseen = { ...flowers, verbs: ['delete', 'deletecollection'] }
    expect(await emptied(() => refused(status, reason), [unseen])).toEqual({ left: [], failures: [], asked: ['DELETE flowers'] })
  })

  it('ends with a token that was there before, and is a failure where new ones never end', async () => {
    const same = await emptied(({ method }) => (method === 'GET' ? { body: { items: [rose()], metadata: { continue: 'x' } } } : {}))
    expect(same).toMatchObject({ left: [{ resource: 'flowers', count: 2 }], failures: [] })
    expect(same.asked).toHaveLength(6)
    const endless = await emptied((_request, { length }) => ({ body: { items: [], metadata: { continue: `x${length}` } } }))
    expect(endless.failures).toEqual(['the list of flowers.garden.example.com has not ended after 200 pages'])
  })

  it('is looked at from the beginning once when its pages are no longer there', async () => {
    const { failures, asked } = await emptied(({ query }) =>
      query.has('continue') ? refused(410, 'Expired') : { body: { items: [], metadata: { continue: 'x' } } },
    )
    expect({ failures, asked }).toEqual({
      failures: ['Expired'],
      asked: ['GET flowers 500', 'GET flowers 500 x', 'GET flowers 500', 'GET flowers 500 x'],
    })
  })

  it('is asked for in smaller pages where one is too large', async () => {
    const { failures, asked } = await emptied(({ query }) =>
      Number(query.get('limit')) > 8 ? { body: ' '.repeat(5 * 1024 * 1024) } : { body: { items: [] } },
    )
    expect({ failures, asked }).toEqual({ failures: [], asked: ['GET flowers 500', 'GET flowers 63', 'GET flowers 8'] })
  })

  it('is asked to go one by one, whatever is answered of others, and the first refusal is told with as much of it as is read', async () => {
    const names = Array.from({ length: 70 }, (_, n) => `f${n}`)
    const { failures, asked } = await emptied(({ method, path }) => {
      if (method === 'GET') return { body: { items: path.endsWith('flowers') ? names.map(rose) : [] } }
      return path.endsWith('f0') || path.endsWith('f1') ? refused(403, 'Forbidden', 'x'.repeat(100_000)) : {}
    })
    expect(asked.filter((each) => each.startsWith('DELETE'))).toHaveLength(70)
    expect(failures).toEqual([expect.stringMatching(/^x+… \(and 1 more of flowers\.garden\.example\.com\)$/)])
    expect(failures[0]?.length).toBeLessThan(1100)
  })

  it('is not asked about one by one of a server that is away', async () => {
    const { failures, asked } = await emptied(() => refused(503, 'ServiceUnavailable'), [flowers, trees])
    expect({ failures, asked }).toEqual({ failures: ['ServiceUnavailable'], asked: ['GET flowers 500'] })
  })

  it('is a failure where it is told as what is no list', async () => {
    for (const body of [{ items: 'none' }, { items: [{ name: 'rose' }] }, { items: [{ metadata: { name: 'x'.repeat(2000) } }] }])
      expect((await emptied(() => ({ body }))).failures).toEqual(['the list of flowers.garden.example.com is none'])
  })
})

it('a condition says no more of failures than a message may hold', () => {
  const failures = Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(1000)}`)
  const conditions = conditionsOf({ found: { left: [], unknown: [], failures }, now: '2026-01-01T00:00:00Z' })
  expect(Math.max(...(conditions ?? []).map(({ message = '' }) => Buffer.byteLength(message)))).toBe(32_768)
})
