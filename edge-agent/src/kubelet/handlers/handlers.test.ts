import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Container } from '@bramble/shared/types/container.ts'
import type { ProbeHandler } from '@bramble/shared/types/probe.ts'
import type { Cri } from '../../cri/cri.ts'
import { CriError } from '../../cri/cri-error.ts'
import type { HandlerTarget } from './handler.ts'
import { runHandler } from './run-handler.ts'

const servers: { close(): unknown }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
const serve = async (listener: RequestListener) => {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port // listening on TCP
}
const run = (handler: ProbeHandler, more: { cri?: Partial<Cri>; ports?: Container['ports']; lookup?: HandlerTarget['lookup'] } = {}) =>
  runHandler(handler, {
    ...(more.lookup && { lookup: more.lookup }),
    cri: (more.cri ?? {}) as Cri, // only what the handler calls
    container: { name: 'main', ports: more.ports ?? [] } as unknown as Container,
    containerId: 'c',
    podIP: '127.0.0.1',
    timeoutMs: 300,
    signal: new AbortController().signal,
  })
const http = (more: { port: number | string; path?: string; httpHeaders?: { name: string; value: string }[] }) => ({
  httpGet: { path: '/', scheme: 'HTTP' as const, ...more },
})
const answer = (exitCode: number, text = '') => ({
  execSync: async () => ({ exitCode, stdout: Buffer.from(text), stderr: new Uint8Array() }),
})

describe('a check', () => {
  it.each([
    [200, 'success'],
    [399, 'success'],
    [404, 'failure'],
    [500, 'failure'],
  ])('by HTTP takes %i for %s', async (status, outcome) => {
    const port = await serve((_request, response) => response.writeHead(status).end('x'))
    expect(await run(http({ port }))).toMatchObject({ outcome })
  })

  // The system looks names up in a few threads of the agent, as long as a name server likes, and nobody can call that off.
  it('of a host by name asks our own look-up and never the system', async () => {
    const port = await serve(({ headers }, response) => response.end(headers.host))
    const asked: string[] = []
    const lookup = async (host: string) => {
      asked.push(host)
      return '127.0.0.1'
    }
    expect(await run({ httpGet: { port, host: 'device.invalid', path: '/', scheme: 'HTTP' } }, { lookup })).toEqual({
      outcome: 'success',
      message: `device.invalid:${port}`,
    })
    expect(await run({ tcpSocket: { port, host: 'device.invalid' } }, { lookup })).toMatchObject({ outcome: 'success' })
    expect(asked).toEqual(['device.invalid', 'device.invalid'])
  })

  it('of a host whose name server says nothing fails in time', async () => {
    const lookup = (_host: string, signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
    const port = 80
    expect(await run({ httpGet: { port, host: 'device.invalid', path: '/', scheme: 'HTTP' } }, { lookup })).toMatchObject({
      outcome: 'failure',
      message: expect.stringContaining('context deadline exceeded'),
    })
    expect(await run({ tcpSocket: { port, host: 'device.invalid' } }, { lookup })).toEqual({
      outcome: 'failure',
      message: 'dial tcp device.invalid:80: i/o timeout',
    })
  })

  it('by HTTP sends what was asked for', async () => {
    const port = await serve(({ url, headers }, response) =>
      response.end(`${url} ${headers.host} ${headers['user-agent']} ${headers['x-a']}`),
    )
    const httpHeaders = [
      { name: 'Host', value: 'example.com' },
      { name: 'X-A', value: '1' },
    ]
    const { message } = await run(http({ port: 'web', path: 'health?x=1', httpHeaders }), {
      ports: [{ name: 'web', containerPort: port, protocol: 'TCP' }],
    })
    expect(message).toBe('/health?x=1 example.com kube-probe/1.35 1')
  })

  it('by HTTP follows a redirect on the host and stops at one to another', async () => {
    const port = await serve(({ url }, response) => {
      if (url === '/') response.writeHead(302, { location: '/next' }).end()
      else if (url === '/away') response.writeHead(302, { location: 'http://example.com/' }).end()
      else response.writeHead(500).end()
    })
    expect(await run(http({ port }))).toEqual({ outcome: 'failure', message: 'HTTP probe failed with statuscode: 500' })
    expect(await run(http({ port, path: '/away' }))).toMatchObject({ outcome: 'success' })
  })

  it('by HTTP fails when nothing answers in time', async () => {
    const port = await serve(() => {})
    const { outcome, message } = await run(http({ port }))
    expect(outcome).toBe('failure')
    expect(message).toContain('context deadline exceeded')
    expect(await run(http({ port: 1 }))).toEqual({
      outcome: 'failure',
      message: 'Get "http://127.0.0.1:1/": connect: connection refused',
    })
  })

  it('by TCP asks whether somebody listens', async () => {
    const port = await serve(() => {})
    expect(await run({ tcpSocket: { port } })).toMatchObject({ outcome: 'success' })
    expect(await run({ tcpSocket: { port: 1 } })).toEqual({
      outcome: 'failure',
      message: 'dial tcp 127.0.0.1:1: connect: connection refused',
    })
  })

  it('by command takes the exit code, and a command that hangs for a failure', async () => {
    expect(await run({ exec: { command: ['true'] } }, { cri: answer(0) })).toMatchObject({ outcome: 'success' })
    expect(await run({ exec: { command: ['x'] } }, { cri: answer(1, 'why') })).toEqual({ outcome: 'failure', message: 'why' })
    const hanging = { execSync: () => Promise.reject(new CriError('DEADLINE_EXCEEDED', 'ExecSync', 'late')) }
    expect(await run({ exec: { command: ['x'] } }, { cri: hanging })).toMatchObject({ outcome: 'failure' })
    const broken = { execSync: () => Promise.reject(new CriError('UNAVAILABLE', 'ExecSync', 'no runtime')) }
    expect(await run({ exec: { command: ['x'] } }, { cri: broken })).toEqual({ outcome: 'error', message: 'no runtime' })
  })

  it('by gRPC asks for the health of a service', async () => {
    const answers: Record<string, number> = { good: 1, bad: 2 }
    const server = createHttp2Server()
    servers.push(server)
    server.on('stream', (stream) => {
      stream.on('data', (chunk: Buffer) => {
        const status = answers[chunk.subarray(7).toString()] ?? 0
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo // listening on TCP
    expect(await run({ grpc: { port, service: 'good' } })).toMatchObject({ outcome: 'success' })
    expect(await run({ grpc: { port, service: 'bad' } })).toEqual({
      outcome: 'failure',
      message: 'service unhealthy (responded with "NOT_SERVING")',
    })
    expect(await run({ grpc: { port: 1, service: '' } })).toMatchObject({
      outcome: 'failure',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('by gRPC fails as soon as the answer is more than an answer, and keeps none of it', async () => {
    const server = createHttp2Server()
    servers.push(server)
    let sent = 0
    server.on('stream', (stream) => {
      stream.on('error', () => {}) // the probe leaves
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
      const go = () => {
        while (!stream.destroyed) {
          sent += 65_536
          if (!stream.write(Buffer.alloc(65_536))) return stream.once('drain', go)
        }
      }
      go()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo // listening on TCP
    expect(await run({ grpc: { port, service: '' } })).toMatchObject({ outcome: 'failure' })
    expect(sent).toBeLessThan(8 * 1024 * 1024)
  })

  it('that names an unknown port says so', async () => {
    expect(await run({ tcpSocket: { port: 'nope' } })).toEqual({ outcome: 'error', message: 'port nope is not a port of the container' })
  })
})
