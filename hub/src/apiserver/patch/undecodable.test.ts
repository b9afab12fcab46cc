import { beforeAll, expect, it } from 'vitest'
import { configMap, createTestApi, pod } from '../testing/api.ts'

const ns = '/api/v1/namespaces/default'
const apps = '/apis/apps/v1/namespaces/default'
const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'

let json: Awaited<ReturnType<typeof createTestApi>>['json']
beforeAll(async () => {
  ;({ json } = await createTestApi())
  await json('POST', `${ns}/pods`, { body: pod('p') })
  await json('POST', `${ns}/configmaps`, { body: configMap('c') })
  await json('POST', `${ns}/secrets`, { body: { metadata: { name: 's' } } })
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'b' }] } }
  await json('POST', `${apps}/deployments`, {
    body: { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } },
  })
})

const patch = (url: string, body: unknown, contentType: string) => json('PATCH', url, { body, contentType })

it.each<[string, unknown, string]>([
  [`${ns}/pods/p`, { metadata: { labels: 'invalid' } }, '"map[metadata:map[labels:invalid]]": cannot restore map from string'],
  [`${ns}/pods/p/status`, { status: { podIPs: '10.0.0.1' } }, '"map[status:map[podIPs:10.0.0.1]]": cannot restore slice from string'],
  [`${apps}/deployments/d/scale`, { spec: 3 }, '"map[spec:3]": cannot restore struct from: int64'],
  [
    `${ns}/pods/p?fieldValidation=Strict`,
    { spec: { nope: 1 } },
    '"map[spec:map[nope:1]]": strict decoding error: unknown field "spec.nope"',
  ],
])('%s by a strategic merge of %j is told in the words of a converter', async (what, body, why) => {
  expect(await patch(what, body, strategic)).toMatchObject({ code: 422, body: { message: ` "" is invalid: patch: Invalid value: ${why}` } })
})

it('what is made of a scale is told as what is made of an object', async () => {
  for (const body of [{ spec: { replicas: 'two' } }, { spec: 3 }, { kind: 'Pod' }, []])
    expect(await patch(`${apps}/deployments/d/scale`, body, merge)).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: 'patch', reason: 'FieldValueInvalid' }] } },
    })
})

const word = 'hunter2'

it.each<[unknown, string]>([
  [{ data: { password: word } }, merge],
  [{ stringData: { password: word, port: 1 } }, merge],
  [{ stringData: { password: word }, kind: 'Pod' }, merge],
  [[word], merge],
  [`{"stringData":{"password":"${word}"},"metadata":{"generation":1.5}}`, merge],
  [{ stringData: { password: word }, data: 'x' }, strategic],
  [[{ op: 'add', path: '/stringData', value: [word] }], 'application/json-patch+json'],
  [[{ op: 'replace', path: '', value: word }], 'application/json-patch+json'],
])('of a Secret nothing is quoted when %j by %s makes none, and of others all of it', async (body, contentType) => {
  const { code, body: refusal } = await patch(`${ns}/secrets/s`, body, contentType)
  expect([code, refusal.message]).toEqual([422, expect.stringMatching(/^ "" is invalid: patch: Invalid value: "\*\*\*": /)])
  expect(JSON.stringify(refusal)).not.toContain(word)
  const open = await patch(`${ns}/configmaps/c`, { data: [word] }, merge)
  expect([open.code, open.body.message]).toEqual([422, expect.stringContaining(word)])
})
