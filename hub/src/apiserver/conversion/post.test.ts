import { expect, it } from 'vitest'
import { postTo } from './post.ts'

const bounds = { timeoutMs: 30_000, maxBytes: 1000, signal: new AbortController().signal }
const client = { url: 'https://example.com/convert' }
const answering = (status: number, body: string) =>
  postTo({ ask: () => Promise.resolve({ status, headers: { 'content-type': 'text/plain' }, body: Buffer.from(body) }) })

it('a review is posted as JSON with the time that its webhook has, and its answer is read with every digit', async () => {
  const asked: unknown[] = []
  const post = postTo({
    ask(...request) {
      asked.push(...request)
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from('{"a":9007199254740993}') })
    },
  })
  expect(await post(client, '{}', bounds)).toEqual({ a: 9007199254740993n })
  expect(asked).toMatchObject([client, { method: 'POST', body: '{}', timeoutMs: 30_000, maxBytes: 1000 }])
  expect(String((asked[1] as { query: URLSearchParams }).query)).toBe('timeout=30s')
})

it.each([
  [404, 'nothing here', 'the server could not find the requested resource'],
  [500, 'oh no', 'an error on the server ("oh no") has prevented the request from succeeding'],
  [302, '', 'the server responded with the status code 302 but did not return more information'],
  [403, 'not you', 'not you'],
  [503, '{"kind":"Status","message":"later"}', 'later'],
  [200, '', '0-length response with status code: 200 and content type: text/plain'],
  [200, '[[', "couldn't get version/kind; json parse error:"],
  [200, '['.repeat(100_000), "couldn't get version/kind; json parse error: the body is nested deeper"],
])('an answer of %s with %s is told in the words of the Go client', async (status, body, message) => {
  await expect(answering(status, body)(client, '{}', bounds)).rejects.toThrow(message)
})
