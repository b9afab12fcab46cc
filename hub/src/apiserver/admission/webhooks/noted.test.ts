import { describe, expect, it } from 'vitest'
import type { Level } from '../../audit/policy.ts'
import { configMap, createTestApi, type Json } from '../../testing/api.ts'
import { type Answer, configuration, configurationsAt, patchOf, reviewed, rule } from '../../testing/admission-webhook.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const rules = [rule('configmaps')]
type Webhook = readonly ['mutating' | 'validating', object]
const mutating = (name: string, webhook: object = {}): Webhook => ['mutating', configuration('Mutating', name, { rules, ...webhook })]
const validating = (name: string, webhook: object = {}): Webhook => ['validating', configuration('Validating', name, { rules, ...webhook })]

const isAway = 'away'
/** What is noted of the creation of a ConfigMap by the webhooks that are asked: by key, what of it is JSON read. Webhooks called `away…` do not answer. */
async function noted(answer: Answer, webhooks: readonly Webhook[], { level = 'Metadata' as Level, query = '', data = {} } = {}) {
  const lines: string[] = []
  const sink = { name: 'test', take: (text: string) => lines.push(text) > 0 }
  const { json } = await createTestApi({
    audit: { policy: { rules: [{ level }] }, sinks: [sink] },
    async postToWebhook({ url = '' }, body) {
      const path = new URL(url).pathname
      if (path.startsWith(`/${isAway}`)) throw new Error('nobody is there')
      return reviewed(JSON.parse(body), answer, path)
    },
  })
  for (const [of, body] of webhooks) expect((await json('POST', configurationsAt(of), { body })).code).toBe(201)
  lines.length = 0
  const { code } = await json('POST', `${maps}${query}`, { body: configMap('x', data) })
  const event: Json = JSON.parse(lines.at(-1) ?? '')
  const ofWebhooks = Object.entries<string>(event.annotations).filter(([key]) => !key.startsWith('authorization'))
  return { code, ...Object.fromEntries(ofWebhooks.map(([key, text]) => [key, text.startsWith('{') ? JSON.parse(text) : text])) }
}
const add = (path: string, value: unknown) => ({ op: 'add', path, value })
const asked = (configuration: string, mutated: boolean) => ({ configuration, webhook: `${configuration}.example.com`, mutated })
const mutation = (round: number, index: number) => `mutation.webhook.admission.k8s.io/round_${round}_index_${index}`
const patch = (round: number, index: number) => `patch.webhook.admission.k8s.io/round_${round}_index_${index}`

describe('of a mutating webhook an Event says', () => {
  const answer: Answer = (_request, path) => (path === '/b' ? patchOf(add('/data/b', '2')) : undefined)

  it('that it was asked and whether it changed anything, by its place among all of them', async () => {
    const hooks = [mutating('a'), mutating('aa', { rules: [rule('secrets')] }), mutating('b')]
    expect(await noted(answer, hooks, { data: { a: '1' } })).toEqual({
      code: 201,
      [mutation(0, 0)]: asked('a', false),
      [mutation(0, 2)]: asked('b', true),
    })
  })

  it.each<[Level, boolean]>([
    ['Metadata', false],
    ['Request', true],
    ['RequestResponse', true],
  ])('at the level %s what it changed: %s', async (level, isTold) => {
    expect(await noted(answer, [mutating('b')], { level, data: { a: '1' } })).toEqual({
      code: 201,
      [mutation(0, 0)]: asked('b', true),
      ...(isTold && {
        [patch(0, 0)]: { configuration: 'b', webhook: 'b.example.com', patch: [add('/data/b', '2')], patchType: 'JSONPatch' },
      }),
    })
  })

  it('both of the second round as well, in which not all are asked', async () => {
    const hooks = [mutating('a', { reinvocationPolicy: 'IfNeeded' }), mutating('b')]
    expect(await noted(answer, hooks, { data: { a: '1' } })).toEqual({
      ...{ code: 201, [mutation(0, 0)]: asked('a', false), [mutation(0, 1)]: asked('b', true), [mutation(1, 0)]: asked('a', false) },
    })
  })

  it('that it changed nothing where its patch leaves the object as it is', async () => {
    const same: Answer = () => patchOf(add('/data/a', '1'))
    const told = await noted(same, [mutating('a')], { level: 'Request', data: { a: '1' } })
    expect(told).toMatchObject({ [mutation(0, 0)]: asked('a', false), [patch(0, 0)]: { patch: [add('/data/a', '1')] } })
  })

  it.each<[string, Answer, string, number]>([
    ['refused', () => ({ allowed: false }), '', 400],
    ['answered what is no patch of the object', () => patchOf({ op: 'remove', path: '/nothing' }), '', 500],
  ])('no patch when it %s', async (_how, answer, query, code) => {
    expect(await noted(answer, [mutating('a')], { level: 'Request', query })).toEqual({ code, [mutation(0, 0)]: asked('a', false) })
  })

  it('nothing of a patch that no Event has room for, but that it is cut', async () => {
    const long: Answer = () => patchOf(add('/data/b', 'x'.repeat(200_000)))
    expect(await noted(long, [mutating('a')], { level: 'Request', data: { a: '1' } })).toEqual({
      ...{ code: 201, [mutation(0, 0)]: asked('a', true), 'audit.k8s.io/truncated': 'true' },
    })
  })
})

it('a request that goes on without a webhook that was not heard says so', async () => {
  const failurePolicy = 'Ignore'
  const hooks = [
    mutating('a'),
    mutating('away', { failurePolicy }),
    validating('other', { rules: [rule('secrets')] }),
    validating('b'),
    validating('away-too', { failurePolicy }),
  ]
  expect(await noted(() => undefined, hooks)).toEqual({
    code: 201,
    [mutation(0, 0)]: asked('a', false),
    [mutation(0, 1)]: asked('away', false),
    'failed-open.mutation.webhook.admission.k8s.io/round_0_index_1': 'away.example.com',
    'failed-open.validating.webhook.admission.k8s.io/round_0_index_0': 'away-too.example.com',
  })
  expect(await noted(() => undefined, [mutating('away')])).toEqual({ code: 500, [mutation(0, 0)]: asked('away', false) })
  expect(await noted(() => undefined, [validating('away')])).toEqual({ code: 500 })
})
