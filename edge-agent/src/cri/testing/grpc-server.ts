import { constants, createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One call at the server's side. */
export type ServerCall = {
  readonly headers: IncomingHttpHeaders
  readonly message: Buffer
  send(message: Uint8Array): void
  end(status: number, message?: string): void
}

/** A gRPC server on a unix socket that does what the test says. */
export async function grpcServer(handle: (path: string, call: ServerCall) => void) {
  const dir = mkdtempSync(join(tmpdir(), 'kubelet-grpc-'))
  const socketPath = join(dir, 's.sock')
  const sessions = new Set<{ destroy(): void }>()
  const server: Http2Server = createServer()
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('error', () => {}) // a caller that hangs up is part of the tests
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => handle(String(headers[':path']), callOn(stream, { headers, message: Buffer.concat(chunks).subarray(5) })))
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return {
    socketPath,
    dropAll() {
      for (const session of sessions) session.destroy()
      sessions.clear()
    },
    async close() {
      for (const session of sessions) session.destroy()
      await new Promise((resolve) => server.close(resolve))
      rmSync(dir, { recursive: true })
    },
  }
}

function callOn(stream: ServerHttp2Stream, { headers, message }: Pick<ServerCall, 'headers' | 'message'>): ServerCall {
  const begin = () => {
    if (!stream.headersSent) stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  }
  return {
    headers,
    message,
    send(reply) {
      begin()
      const head = Buffer.alloc(5)
      head.writeUInt32BE(reply.length, 1)
      stream.write(Buffer.concat([head, reply]))
    },
    end(status, text = '') {
      begin()
      const words = encodeURIComponent(text)
      // As Go's server does with what its caller does not take.
      const isTooLong = words.length > (stream.session?.remoteSettings.maxHeaderListSize ?? Infinity)
      if (isTooLong) return stream.close(constants.NGHTTP2_INTERNAL_ERROR)
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': `${status}`, 'grpc-message': words }))
      stream.end()
    },
  }
}
