import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { discover } from '@bramble/shared/discover.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { duplexOf } from '@bramble/shared/streams/duplex-of.ts'
import { channels, type ServeNodeStream } from '@bramble/shared/streams/node-stream.ts'
import { isPage, type PageScene } from './page.ts'

const pages = discover(import.meta.glob('./served/*.ts', { eager: true }), isPage)

/**
 * The API of a kubelet (HTTP/1.1), as far as the agent has it, over a stream that the hub opens: nothing listens for it, and who may ask is settled at the hub
 * (`nodes/proxy`).
 */
export function createPageServer(scene: PageScene, log: Log): ServeNodeStream<'kubelet'> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').split('?', 1)[0]
    const page = pages.find((each) => each.path === path)
    const say = (status: number, text: string, contentType = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }).end(text)
    if (page === undefined)
      return say(
        404,
        `the agent of this node has no ${path}: it has ${pages
          .map((each) => each.path)
          .sort()
          .join(', ')}\n`,
      )
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, `${path} is only read\n`)
    const gone = new AbortController()
    response.once('close', () => gone.abort(new Error('the caller has gone')))
    try {
      return say(200, await page.text(scene, gone.signal), page.contentType)
    } catch (error) {
      if (gone.signal.aborted) return response
      log.warn({ error: messageOf(error), path }, 'a page could not be made')
      return say(500, `${path} could not be made: ${messageOf(error)}\n`)
    }
  }
  const server = createServer((request, response) => void answer(request, response))
  return async function servePages(_request, stream) {
    stream.accept()
    const connection = duplexOf(stream, channels.stdin)
    connection.on('error', () => {}) // nobody is left to be told
    server.emit('connection', connection)
    await new Promise((resolve) => connection.once('close', resolve))
  }
}
