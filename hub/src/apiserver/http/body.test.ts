import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect as connectTls } from 'node:tls'
import type { ApiRequest, ApiResponse } from '@bramble/shared/api/api-request.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createHttpServer } from './server.ts'
import { createPki, type Pair } from '../testing/pki.ts'

const mebi = 1024 * 1024

describe('bodies at the HTTPS door', () => {
  const stop = new AbortController()
  let running: Promise<unknown>
  let pki: Awaited<ReturnType<typeof createPki>>
  let node: Pair
  let port: number
  const held: (() => void)[] = []

  beforeAll(async () => {
    pki = await createPki()
    node = await pki.leaf('system:node:pi-1', ['system:nodes'], 'client')
    const handle = async ({ method }: ApiRequest): Promise<ApiResponse> => {
      if (method === 'POST') await new Promise<void>((resolve) => held.push(resolve))
      return { type: 'raw', status: 200, contentType: 'text/plain', raw: 'ok' }
    }
    const tls = { ...(await pki.leaf('hub', [], 'server')), ca: pki.ca }
    const server = createHttpServer({ handle, tls, address: '127.0.0.1', port: 0, log: silentLog })
    running = server.run(stop.signal)
    port = await server.listening
  })
  afterAll(async () => {
    stop.abort()
    await running
  })

  const post = (body: Buffer): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-length': body.byteLength }
      const asked = httpsRequest({ host: '127.0.0.1', port, path: '/', method: 'POST', ca: pki.ca, ...node, agent: false, headers })
      asked.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)))
      asked.on('error', reject)
      asked.end(body)
    })

  it('those of one identity for which there is no room yet wait unread, and are served when the first are done', async () => {
    const answers = Promise.all(Array.from({ length: 8 }, () => post(Buffer.alloc(3 * mebi, 32))))
    for (let served = 0; served < 8;) {
      await vi.waitFor(() => expect(held.length).toBeGreaterThan(0))
      // Eight megabytes are the room of one.
      expect(held.length).toBeLessThanOrEqual(2)
      served += 1
      held.shift()?.()
    }
    expect(await answers).toEqual(Array.from({ length: 8 }, () => 200))
  })

  it('who sends too much by HTTP/1.1 hears so, although it is still sending', async () => {
    for (let times = 0; times < 20; times += 1) expect(await post(Buffer.alloc(12 * mebi, 32))).toBe(413)
  })

  it('who goes away gives back its place in line', async () => {
    const first = [post(Buffer.alloc(3 * mebi, 32)), post(Buffer.alloc(3 * mebi, 32))]
    await vi.waitFor(() => expect(held).toHaveLength(2))
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: pki.ca, ...node }).on('error', () => {})
    const asked = session.request({ ':method': 'POST', ':path': '/', 'content-length': String(3 * mebi) }).on('error', () => {})
    await once(session, 'remoteSettings')
    asked.close()
    session.destroy()
    const next = post(Buffer.alloc(3 * mebi, 32))
    for (const go of held.splice(0)) go()
    await vi.waitFor(() => expect(held).toHaveLength(1))
    held.shift()?.()
    expect(await Promise.all([...first, next])).toEqual([200, 200, 200])
  })

  it('that come a byte at a time take no more room than their bytes', async () => {
    const headers = 'PUT / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n'
    const socket = connectTls({ host: '127.0.0.1', port, ca: pki.ca, ...node }).on('error', () => {})
    socket.write(headers)
    const before = process.memoryUsage().heapUsed
    let most = 0
    const chunks = Buffer.from('1\r\na\r\n'.repeat(16 * 1024))
    for (let sent = 0; sent < mebi; sent += 16 * 1024) {
      if (!socket.write(chunks)) await once(socket, 'drain')
      most = Math.max(most, process.memoryUsage().heapUsed - before)
    }
    socket.end('0\r\n\r\n')
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 /)
    expect(most).toBeLessThan(64 * mebi)
    socket.destroy()
  })

  it('the rest of one that is too large is not read: its sender hears so, and the connection ends', async () => {
    const socket = connectTls({ host: '127.0.0.1', port, ca: pki.ca, ...node }).on('error', () => {})
    let answer = ''
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
    const over = new Promise((resolve) => socket.once('close', resolve))
    socket.write(`PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: ${512 * mebi}\r\n\r\n`)
    const chunk = Buffer.alloc(mebi, 32)
    const send = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', send)
    send()
    await over
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toMatch(/connection: close/i)
    expect(socket.bytesWritten).toBeLessThan(256 * mebi)
  })
})
