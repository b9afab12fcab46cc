import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { configMap, createTestApi } from '../../testing/api.ts'
import { configuration, configurationsAt, rule } from '../../testing/admission-webhook.ts'
import type { PostToWebhook } from '../../conversion/webhook.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const timeout = { code: 504, body: { reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout' } }

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** An API whose webhooks, which may all fail, never answer. `asked` hears of each question. */
async function apiWith(of: 'Mutating' | 'Validating', count: number, timeoutSeconds: number) {
  let asked = 0
  let hear = () => {}
  const post: PostToWebhook = (_client, _body, { timeoutMs, signal }) =>
    new Promise((_resolve, reject) => {
      asked++
      hear()
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      if (signal.aborted) reject(signal.reason as Error)
      setTimeout(() => reject(new Error('context deadline exceeded')), timeoutMs)
    })
  const api = await createTestApi({ postToWebhook: post })
  const webhook = { rules: [rule('configmaps')], failurePolicy: 'Ignore', timeoutSeconds }
  for (let i = 0; i < count; i++) {
    const at = configurationsAt(of === 'Mutating' ? 'mutating' : 'validating')
    expect((await api.json('POST', at, { body: configuration(of, `w${i}`, webhook) })).code).toBe(201)
  }
  const nextQuestion = () => new Promise<void>((resolve) => (hear = resolve))
  return { ...api, nextQuestion, asked: () => asked }
}

it.each(['Mutating', 'Validating'] as const)('who does not wait for a %s webhook that may fail does not get past it', async (of) => {
  const { json, nextQuestion } = await apiWith(of, 1, 30)
  const hungUp = new AbortController()
  let question = nextQuestion()
  const left = json('POST', maps, { body: configMap('left'), signal: hungUp.signal })
  await question
  hungUp.abort()
  expect(await left).toMatchObject(timeout)
  question = nextQuestion()
  const hasty = json('POST', `${maps}?timeout=100ms`, { body: configMap('hasty') })
  await question
  await vi.advanceTimersByTimeAsync(100)
  expect(await hasty).toMatchObject(timeout)
  await vi.advanceTimersByTimeAsync(60_000)
  for (const name of ['left', 'hasty']) expect((await json('GET', `${maps}/${name}`)).code).toBe(404)
})

it('however many webhooks hang, and are passed by, a request ends when its time is over', async () => {
  const { json, nextQuestion, asked } = await apiWith('Mutating', 30, 9)
  const question = nextQuestion()
  const answer = json('POST', maps, { body: configMap('x') })
  await question
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await answer).toMatchObject(timeout)
  expect(asked()).toBe(7)
  expect((await json('GET', `${maps}/x`)).code).toBe(404)
})
