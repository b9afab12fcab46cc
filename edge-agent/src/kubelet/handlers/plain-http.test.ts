import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Container } from '@bramble/shared/types/container.ts'
import type { Cri } from '../../cri/cri.ts'
import { runHandler } from './run-handler.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A device server: sends these bytes to whoever connects, and hangs up or stays. */
async function device(answer: string | ((request: string, socket: Socket) => void), { hangsUp = true } = {}): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {}) // the probe leaves when it has what it wants
    socket.once('data', (request: Buffer) => {
      if (typeof answer === 'function') return answer(request.toString(), socket)
      socket.write(answer)
      if (hangsUp) socket.end()
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port // listening on TCP
}
const probe = (port: number, more: object = {}, { timeoutMs = 15_000 } = {}) =>
  runHandler(
    { httpGet: { path: '/', scheme: 'HTTP', port, ...more } },
    {
      cri: {} as Cri, // not asked
      container: { name: 'main' } as Container,
      containerId: 'c',
      podIP: '127.0.0.1',
      timeoutMs,
      signal: new AbortController().signal,
    },
  )

describe('an answer that comes in small pieces', () => {
  it.each([
    ['a head', 'HTTP/1.1 200 OK\r\n', 'X-A: b\r\n'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1;x=y\r\nb\r\n'],
  ])('is not copied anew with each of them: %s', async (_what, head, piece) => {
    let sent = 0
    const port = await device((_request, socket) => {
      socket.write(head)
      // Each once the one before has left, so that they come one by one.
      const next = () => {
        if (sent === 1500) return void socket.end('0\r\n\r\n')
        sent += 1
        socket.write(piece, () => setImmediate(next))
      }
      next()
    })
    const concat = vi.spyOn(Buffer, 'concat')
    const decode = vi.spyOn(Buffer.prototype, 'toString')
    await probe(port, {}, { timeoutMs: 20_000 })
    const copied = concat.mock.results.reduce((sum, { value }) => sum + (value as Buffer).length, 0)
    const decoded = decode.mock.calls.length
    vi.restoreAllMocks()
    expect(sent).toBe(1500)
    expect(copied).toBeLessThan(4_000_000)
    expect(decoded).toBeLessThan(20_000)
  })
})

describe('an httpGet probe takes what a plain device server answers', () => {
  it.each([
    ['lines that end with LF alone', 'HTTP/1.1 200 OK\nContent-Length: 3\n\nok\n'],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok'],
    ['HTTP/1.0 without any header', 'HTTP/1.0 200 OK\r\n\r\nok'],
    ['no header and no body', 'HTTP/1.0 204 No Content\r\n\r\n'],
    ['a head alone, cut before its end', 'HTTP/1.0 200 OK\r\n'],
    ['headers that are none', 'HTTP/1.1 200 OK\r\nServer My Device\r\nX Y: z\r\n: none\r\n\u00e9: 1\r\nContent-Length: 2\r\n\r\nok'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 7\r\n\r\nok'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['a body that is shorter than it says', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok'],
    ['a redirect to nowhere', 'HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nok'],
    ['not modified', 'HTTP/1.1 304 Not Modified\r\n\r\n'],
    ['hints first', 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ])('%s', async (_what, answer) => {
    expect(await probe(await device(answer))).toMatchObject({ outcome: 'success' })
  })

  it('a server that does not hang up is not waited for once its answer is whole', async () => {
    expect(await probe(await device('HTTP/1.1 200 OK\nContent-Length: 3\n\nok\n', { hangsUp: false }))).toEqual({
      outcome: 'success',
      message: 'ok\n',
    })
    expect(await probe(await device(`HTTP/1.1 200 OK\n\n${'x'.repeat(20_000)}`, { hangsUp: false }))).toMatchObject({ outcome: 'success' })
  })

  it('an answer that comes byte by byte', async () => {
    const port = await device(async (_request, socket) => {
      for (const byte of 'HTTP/1.1 200 OK\r\n\r\nok') {
        socket.write(byte)
        await new Promise((resolve) => setImmediate(resolve))
      }
      socket.end()
    })
    expect(await probe(port)).toEqual({ outcome: 'success', message: 'ok' })
  })

  it.each([
    ['a trailer after the chunks', '2;x=y\r\nok\r\n0\r\nX: y\r\n\r\n', 'ok'],
    ['a chunk of less than nothing', '2\nok\n-3\n', 'ok'],
    ['a first chunk of less than nothing', '-3\n', ''],
    ['a chunk that is no number', '2\nok\n0x5\nhello\n', 'ok'],
    ['a chunk of more than there can be', `${'f'.repeat(300)}\nok`, 'ok'],
    ['a line before a chunk that does not end', `2\nok\n${'1'.repeat(5000)}`, 'ok'],
  ])('%s: the body is what came before it', async (_what, chunks, message) => {
    const port = await device(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`)
    expect(await probe(port)).toEqual({ outcome: 'success', message })
  })

  it('a server that resets the connection after its answer', async () => {
    const port = await device(async (_request, socket) => {
      socket.write('HTTP/1.0 200 OK\n\nok')
      // A reset that comes with the answer is read as its end: it must come after the answer has been read.
      for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
      socket.resetAndDestroy()
    })
    expect(await probe(port)).toMatchObject({ outcome: 'success' })
  })
})

describe('an httpGet probe fails', () => {
  it.each([
    ['with what is not HTTP', 'SSH-2.0-dropbear\r\n', 'malformed HTTP response "SSH-2.0-dropbear"'],
    ['with nothing', '', 'EOF'],
    ['with a status that is none', 'HTTP/1.1 20x OK\r\n\r\n', 'malformed HTTP response'],
    ['with a server error', 'HTTP/1.0 500\n\n', 'statuscode: 500'],
  ])('%s', async (_what, answer, message) => {
    expect(await probe(await device(answer))).toEqual({ outcome: 'failure', message: expect.stringContaining(message) })
  })

  it('in time, when the answer never ends', async () => {
    expect(await probe(await device('HTTP/1.1 200 OK\r\n', { hangsUp: false }), {}, { timeoutMs: 400 })).toMatchObject({
      outcome: 'failure',
      message: expect.stringContaining('context deadline exceeded'),
    })
  })

  it.each([
    ['a head without an end', '', 'X: y\r\n'.repeat(1000)],
    ['hints without an end', '', 'HTTP/1.1 100 Continue\n\n'],
    ['hints that are long', '', `HTTP/1.1 103 Early Hints\nX: ${'y'.repeat(900_000)}\n\n`],
    ['chunks that say much and hold little', 'Transfer-Encoding: chunked\n\n', `1;${'x'.repeat(4000)}\ny\n`],
    ['a line before a chunk without an end', 'Transfer-Encoding: chunked\n\n', '1'.repeat(4000)],
  ])('or ends with what it has, before the container fills the memory of the node: %s', async (_what, head, more) => {
    let sent = 0
    const port = await device((_request, socket) => {
      socket.write(head === '' && more.startsWith('HTTP') ? '' : `HTTP/1.1 200 OK\n${head}`)
      const go = () => {
        while (!socket.destroyed) {
          sent += more.length
          if (!socket.write(more)) return socket.once('drain', go)
        }
      }
      go()
    })
    await probe(port, {}, { timeoutMs: 60_000 })
    // What the two sockets hold comes on top.
    expect(sent).toBeLessThan(16 * 1024 * 1024)
  })

  it('after ten requests that each lead on', async () => {
    let asked = 0
    const port = await device((_request, socket) => {
      asked += 1
      socket.end(`HTTP/1.1 302 Found\nLocation: /${asked}\n\n`)
    })
    expect(await probe(port)).toMatchObject({ outcome: 'failure', message: expect.stringContaining('stopped after 10 redirects') })
    expect(asked).toBe(10)
  })
})

describe('an httpGet probe asks', () => {
  const asked = async (more: object) => {
    let seen = ''
    const port = await device((request, socket) => {
      seen = request
      socket.end('HTTP/1.0 200 OK\n\n')
    })
    await probe(port, more)
    return seen.replaceAll(String(port), 'PORT')
  }

  it('as the kubelet does', async () => {
    expect(await asked({ path: '/a?b=c' })).toBe(
      'GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nUser-Agent: kube-probe/1.35\r\nAccept: */*\r\nConnection: close\r\n\r\n',
    )
  })

  it('with the headers of the probe, each name as often as it is given', async () => {
    const httpHeaders = [
      { name: 'host', value: 'device.local' },
      { name: 'ACCEPT', value: '' },
      { name: 'X-A', value: '1' },
      { name: 'X-A', value: '2\r\nInjected: yes' },
    ]
    expect(await asked({ httpHeaders })).toBe(
      'GET / HTTP/1.1\r\nHost: device.local\r\nUser-Agent: kube-probe/1.35\r\nX-A: 1\r\nX-A: 2 Injected: yes\r\nConnection: close\r\n\r\n',
    )
  })

  it('the pod when its host is empty', async () => {
    expect(await asked({ host: '' })).toContain('Host: 127.0.0.1:PORT')
  })
})
