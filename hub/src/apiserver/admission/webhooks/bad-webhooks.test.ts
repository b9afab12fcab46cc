import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { configMap, createTestApi } from '../../testing/api.ts'
import { answering, configuration, configurationsAt, patchOf, rule } from '../../testing/admission-webhook.ts'
import { makeService, nodesLeadingTo, startRemoteServer } from '../../testing/remote-server.ts'

const maps = '/api/v1/namespaces/default/configmaps'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

/** An API with one webhook of each sort at a real server. */
async function apiAt(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  webhook: object = {},
  of: 'Mutating' | 'Validating' = 'Validating',
) {
  const server = await startRemoteServer((request, response) => void Promise.resolve(listener(request, response)).catch(() => {}))
  const api = await createTestApi()
  open.push({ close: async () => (api.server.close(), server.stop()) })
  const at = of === 'Mutating' ? 'mutating' : 'validating'
  const clientConfig = { url: `https://localhost:${server.port}/check`, caBundle: server.caBundle }
  const body = configuration(of, 'a', { clientConfig, rules: [rule('configmaps')], timeoutSeconds: 30, ...webhook })
  expect((await api.json('POST', configurationsAt(at), { body })).code).toBe(201)
  const create = async (name = 'x') => {
    const { code, body } = await api.json('POST', maps, { body: configMap(name) })
    return [code, body.reason, body.message, body.details?.causes?.[0]?.message]
  }
  return { ...api, port: server.port, create, stop: server.stop }
}

const say =
  (text: string, status = 200) =>
  (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(text)
  }
const endless = (_request: IncomingMessage, response: ServerResponse) => {
  const more = (): void => void (response.destroyed || response.write('x'.repeat(65_536), more))
  more()
}
const halfABody = (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('{"kind":', () => response.destroy())
}

it.each<[string, (request: IncomingMessage, response: ServerResponse) => unknown, (port: number) => unknown]>([
  ['hangs', () => {}, (port) => `failed to call webhook: Post "https://localhost:${port}/check?timeout=1s": context deadline exceeded`],
  ['answers garbage', say('<html>'), () => expect.stringContaining(`failed to call webhook: couldn't get version/kind; json parse error`)],
  ['answers nothing', say(''), () => 'failed to call webhook: 0-length response with status code: 200 and content type: application/json'],
  ['answers half a body', halfABody, () => expect.stringContaining('failed to call webhook: Post "https://localhost')],
  ['answers without end', endless, () => expect.stringContaining('the answer is larger than')],
  [
    'is broken',
    say('oops', 500),
    () => 'failed to call webhook: an error on the server ("oops") has prevented the request from succeeding',
  ],
  [
    'answers another question',
    say('{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"another","allowed":true}}'),
    () => expect.stringMatching(/^received invalid webhook response: expected response.uid="[-\w]+", got "another"$/),
  ],
  [
    'answers no review',
    say('{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}'),
    () => 'received invalid webhook response: webhook response was absent',
  ],
  ['answers a list', say('[[[]]]'), () => 'received invalid webhook response: webhook response was absent'],
  [
    'changes what it only validates',
    answering(() => patchOf({ op: 'add', path: '/data', value: {} })),
    () => 'received invalid webhook response: validating webhook may not return response.patch',
  ],
])('a webhook that %s refuses or is passed by, as its failure policy says', async (how, listener, why) => {
  const { create, port, json } = await apiAt(listener, { timeoutSeconds: how === 'hangs' ? 1 : 30 })
  const told = why(port)
  const [code, reason, message, cause] = await create()
  expect([code, reason]).toEqual([500, 'InternalError'])
  const prefix = 'failed calling webhook "a.example.com": '
  expect(String(cause).slice(prefix.length)).toEqual(told)
  expect(message).toBe(`Internal error occurred: ${String(cause)}`)
  const ignore = [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }]
  await json('PATCH', configurationsAt('validating', 'a'), { body: ignore, contentType: 'application/json-patch+json' })
  expect((await create())[0]).toBe(201)
})

it('a webhook that is down refuses or is passed by, as its failure policy says', async () => {
  const { create, stop, json, port } = await apiAt(answering(() => undefined))
  expect((await create('first'))[0]).toBe(201)
  await stop()
  open.splice(0)
  const [code, , , cause] = await create()
  expect([code, cause]).toEqual([
    500,
    expect.stringContaining(
      `failed calling webhook "a.example.com": failed to call webhook: Post "https://localhost:${port}/check?timeout=30s": dial tcp`,
    ),
  ])
  const ignore = [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }]
  await json('PATCH', configurationsAt('validating', 'a'), { body: ignore, contentType: 'application/json-patch+json' })
  expect((await create())[0]).toBe(201)
})

it.each<[string, object, unknown]>([
  [
    'without saying of what sort it is',
    { patch: 'W10=' },
    'received invalid webhook response: webhook returned response.patch but not response.patchType',
  ],
  [
    'of a sort that there is not',
    { patch: 'W10=', patchType: 'MergePatch' },
    expect.stringContaining('unsupported patch type "MergePatch"'),
  ],
  [
    'of a sort, without one',
    { patchType: 'JSONPatch' },
    'received invalid webhook response: webhook returned response.patchType but not response.patch',
  ],
])('a patch %s is no answer', async (_what, answer, why) => {
  const { create } = await apiAt(
    answering(() => answer),
    {},
    'Mutating',
  )
  const [code, , , cause] = await create()
  expect([code, String(cause).replace('failed calling webhook "a.example.com": ', '')]).toEqual([500, why])
})

it.each<[string, object, string]>([
  ['cannot be done', patchOf({ op: 'remove', path: '/nothing' }), 'cannot be applied'],
  ['is no list', { patchType: 'JSONPatch', patch: Buffer.from('{}').toString('base64') }, 'jsonpatch.Patch'],
  ['leaves no object', patchOf({ op: 'replace', path: '', value: 7 }), 'no object'],
  ['makes it another kind', patchOf({ op: 'replace', path: '/kind', value: 'Secret' }), 'kind'],
  [
    'grows without measure',
    patchOf(...Array.from({ length: 60 }, () => ({ op: 'copy', from: '/metadata', path: '/metadata/annotations' }))),
    '',
  ],
])('a patch that %s is refused, and nothing is stored', async (_what, answer, why) => {
  const { create, json } = await apiAt(
    answering(() => answer),
    { failurePolicy: 'Ignore' },
    'Mutating',
  )
  const [code, , message] = await create()
  expect(code).toBeGreaterThanOrEqual(400)
  expect(message).toContain(why)
  expect((await json('GET', `${maps}/x`)).code).toBe(404)
})

it('a webhook that causes itself comes to an end with the time of the first', async () => {
  let calls = 0
  const { json, create } = await apiAt(
    async (request, response) => {
      calls++
      await json('POST', maps, { body: configMap(`inner-${calls}`) })
      await answering(() => undefined)(request, response)
    },
    { timeoutSeconds: 1 },
  )
  const [code, , , cause] = await create()
  expect([code, cause]).toEqual([500, expect.stringContaining('context deadline exceeded')])
  expect(calls).toBeLessThanOrEqual(33)
})

it('a webhook behind a Service is asked through the node of its pod', async () => {
  const seen: string[] = []
  const server = await startRemoteServer(
    (request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host}`)
      void answering(() => patchOf({ op: 'add', path: '/data', value: { from: 'pod' } }))(request, response)
    },
    { names: ['hooks.default.svc'] },
  )
  const { asked, openNodeStream } = nodesLeadingTo(() => server.port)
  const api = await createTestApi({ openNodeStream })
  open.push({ close: async () => (api.server.close(), server.stop()) })
  await makeService(api.handle, { name: 'hooks' })
  const clientConfig = { service: { namespace: 'default', name: 'hooks', path: '/mutate' }, caBundle: server.caBundle }
  await api.json('POST', configurationsAt('mutating'), {
    body: configuration('Mutating', 'a', { clientConfig, rules: [rule('configmaps')] }),
  })
  expect((await api.json('POST', maps, { body: configMap('x') })).body.data).toEqual({ from: 'pod' })
  expect(seen).toEqual(['POST /mutate?timeout=10s hooks.default.svc:443'])
  expect(asked[0]?.node).toBe('pi-1')
})
