import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'
import { honest, tube, tubeDefinition, tubesAt } from '../testing/conversion-webhook.ts'
import { definitionsAt } from '../testing/definitions.ts'
import { makeService, nodesLeadingTo, startRemoteServer } from '../testing/remote-server.ts'

async function convert(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = honest(JSON.parse(await text(request)))
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer))
}
const pathsOf = (seen: string[]) => (request: IncomingMessage, response: ServerResponse) => {
  seen.push(`${request.method} ${request.url}`)
  void convert(request, response)
}
const convertedBy = (clientConfig: object) =>
  tubeDefinition('v1', { conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v2', 'v1'] } } })

it('a webhook at a URL is asked over HTTPS, by the authority of its definition alone', async () => {
  const seen: string[] = []
  const { url, port, caBundle, stop } = await startRemoteServer(pathsOf(seen))
  const { json, server } = await createTestApi()
  try {
    await json('POST', definitionsAt(), { body: convertedBy({ url: `https://localhost:${port}/convert`, caBundle }) })
    await json('POST', tubesAt('v1'), { body: tube('v1', 'a', { halves: 4 }) })
    expect((await json('GET', tubesAt('v2', 'a'))).body.spec.length).toBe(2)
    expect(seen).toEqual(['POST /convert?timeout=30s'])
    const spec = { conversion: { webhook: { clientConfig: { url: `${url}/convert`, caBundle: null } } } }
    await json('PATCH', definitionsAt('tubes.stable.example.com'), { body: { spec }, contentType: 'application/merge-patch+json' })
    const { code, body } = await json('GET', tubesAt('v2', 'a'))
    expect([code, body.reason, body.message]).toEqual([
      500,
      undefined,
      `conversion webhook for stable.example.com/v1, Kind=Tube failed: Post "${url}/convert?timeout=30s": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    ])
  } finally {
    server.close()
    await stop()
  }
})

it('a webhook behind a Service of the cluster is asked through the node of its pod', async () => {
  const seen: string[] = []
  const { port, caBundle, stop } = await startRemoteServer(pathsOf(seen), { names: ['tubes.default.svc'] })
  const { asked, openNodeStream } = nodesLeadingTo(() => port)
  const { json, handle, server } = await createTestApi({ openNodeStream })
  try {
    await makeService(handle, { name: 'tubes' })
    await json('POST', definitionsAt(), {
      body: convertedBy({ service: { namespace: 'default', name: 'tubes', path: '/convert' }, caBundle }),
    })
    await json('POST', tubesAt('v2'), { body: tube('v2', 'a', { length: 2 }) })
    expect((await json('GET', tubesAt('v1', 'a'))).body.spec.halves).toBe(4)
    expect(seen).toEqual(['POST /convert?timeout=30s', 'POST /convert?timeout=30s'])
    expect(asked[0]?.node).toBe('pi-1')
  } finally {
    server.close()
    await stop()
  }
})

it('a webhook that answers without end is heard no further than it may say', async () => {
  const endless = (_request: IncomingMessage, response: ServerResponse) => {
    const more = (): void => void (response.destroyed || response.write('x'.repeat(65_536), more))
    more()
  }
  const { port, caBundle, stop } = await startRemoteServer(endless)
  const { json, server } = await createTestApi()
  try {
    await json('POST', definitionsAt(), { body: convertedBy({ url: `https://localhost:${port}/convert`, caBundle }) })
    await json('POST', tubesAt('v1'), { body: tube('v1', 'a', { halves: 4 }) })
    const { code, body } = await json('GET', tubesAt('v2', 'a'))
    expect([code, body.message]).toEqual([500, expect.stringContaining('the answer is larger than')])
  } finally {
    server.close()
    await stop()
  }
})
