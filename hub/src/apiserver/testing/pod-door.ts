import type { StreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { SpdyConnection } from '@bramble/shared/spdy/connection.ts'
import type { NodeStream, NodeStreamRequest, OpenNodeStream, StreamServers } from '@bramble/shared/streams/node-stream.ts'
import { servedBy } from '@bramble/shared/streams/testing/stream-pair.ts'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { createHttpServer } from '../http/server.ts'
import { createTestApi, pod } from './api.ts'
import { createPki, type Pair } from './pki.ts'

type Serve = (request: StreamRequest<keyof StreamServers>, stream: NodeStream) => Promise<unknown>

/** A hub's HTTPS door with a pod `box` on a node that serves streams as a test likes, and callers who connect to it. */
export const createPodDoor = (serve: Serve) =>
  createDoorTo((_node, request: NodeStreamRequest, signal) => servedBy(serve as never, request as never, signal)) // whatever kind the test asks for

/** The same, where the test has a way to the node. */
export async function createDoorTo(openNodeStream: OpenNodeStream) {
  const pki = await createPki()
  const { ca } = pki
  const admin = await pki.leaf('bramble:admin', ['system:masters'], 'client')
  const someone = await pki.leaf('someone', [], 'client')
  const streams: NodeStream[] = []
  const api = await createTestApi({
    streamLookMs: 50,
    openNodeStream(...asked) {
      const stream = openNodeStream(...asked)
      streams.push(stream)
      return stream
    },
  })
  const tls = { ...(await pki.leaf('hub', [], 'server')), ca }
  const server = createHttpServer({ handle: api.handle, tls, address: '127.0.0.1', port: 0, log: silentLog, budget: api.server.budget })
  const stop = new AbortController()
  const running = server.run(stop.signal)
  const port = await server.listening
  await api.json('POST', '/api/v1/namespaces/default/pods', { body: pod('box', { nodeName: 'n1' }) })

  const at = (path: string) => (path.startsWith('/') ? path : `/api/v1/namespaces/default/pods/${path}`)
  const send = (
    path: string,
    headers: Record<string, string>,
    { as = admin, method = 'POST', body }: { as?: Pair; method?: string; body?: string | Uint8Array } = {},
  ): ClientRequest => {
    const request = httpsRequest({ host: '127.0.0.1', port, method, path: at(path), ca, ...as, agent: false, headers })
    request.end(body)
    return request
  }
  const upgraded = async (...asked: Parameters<typeof send>) => {
    const request = send(...asked)
    const refused = once(request, 'response').then((answered) => {
      const [response] = answered as [IncomingMessage]
      response.resume()
      throw new Error(`it was answered with ${response.statusCode}`)
    })
    const [{ headers }, socket, head] = (await Promise.race([once(request, 'upgrade'), refused])) as [IncomingMessage, Duplex, Buffer]
    if (head.length > 0) socket.unshift(head)
    return { socket, headers }
  }
  return {
    api,
    streams,
    someone,
    async answered(...asked: Parameters<typeof send>) {
      const [response] = (await once(send(...asked), 'response')) as [IncomingMessage]
      const pieces: Buffer[] = []
      for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece)
      const body = Buffer.concat(pieces)
      return { status: response.statusCode, headers: response.headers, body, text: body.toString() }
    },
    /** What is answered to a request that is not upgraded. */
    async refused(path: string, headers: Record<string, string>, options?: { as?: Pair; method?: string }) {
      const [response] = (await once(send(path, headers, options), 'response')) as [IncomingMessage]
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
      return { code: response.statusCode, ...(JSON.parse(text) as { reason?: string; message?: string }) }
    },
    async webSocket(path: string, protocols: string | string[], as = admin): Promise<WebSocket> {
      const socket = new WebSocket(`wss://127.0.0.1:${port}${at(path)}`, protocols, { ca, ...as })
      await once(socket, 'open')
      return socket
    },
    send,
    upgraded,
    async spdy(path: string, protocol: string): Promise<SpdyConnection> {
      const wanted = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol }
      const { socket: transport, headers } = await upgraded(path, wanted)
      if (headers['x-stream-protocol-version'] !== protocol) throw new Error('another protocol was chosen')
      const spdy = new SpdyConnection({ transport, side: 'client' })
      void spdy.run().catch(() => {}) // its streams tell why
      return spdy
    },
    stop: () => stop.abort(),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}
