import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { createRegistry, type Registry } from '../objects/registry.ts'
import { createTestApi } from '../testing/api.ts'
import { makeService, nodesLeadingTo, startRemoteServer } from '../testing/remote-server.ts'
import { createRemote, type RemoteRequest } from './remote.ts'

const opened: (() => unknown)[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => {
  opened.unshift(() => thing.stop())
  return thing
}
afterEach(async () => {
  for (const stop of opened.splice(0)) await stop()
})
const { signal } = new AbortController()
const asking = (more: Partial<RemoteRequest> = {}) => ({
  method: 'POST' as const,
  body: '{}',
  timeoutMs: 10_000,
  maxBytes: 1000,
  signal,
  ...more,
})

const noNodes = () => {
  throw new Error('no nodes')
}
function remoteOf(registry: Registry, openNodeStream: Parameters<typeof createRemote>[0]['openNodeStream'] = noNodes) {
  const remote = createRemote({ registry, openNodeStream, random: () => 0, hasRouteTo: async () => false })
  opened.unshift(() => remote.close())
  return remote
}
async function testBed(openNodeStream?: Parameters<typeof createRemote>[0]['openNodeStream']) {
  const { store, server } = await createTestApi()
  opened.unshift(() => server.close())
  return { remote: remoteOf(createRegistry({ store }), openNodeStream), handle: server.handle }
}

describe('asking a server that an object names', () => {
  it('goes to a ready pod of the Service through its node, as whom the certificate has to be, and uses the connection again', async () => {
    const seen: unknown[] = []
    const server = keep(
      await startRemoteServer(
        (request, response) => {
          const { servername } = request.socket as TLSSocket & { readonly servername: string }
          seen.push({ servername, host: request.headers.host, url: request.url, method: request.method })
          response.end('{"ok":true}')
        },
        { names: ['hook.default.svc'] },
      ),
    )
    const nodes = nodesLeadingTo(() => server.port)
    const { remote, handle } = await testBed(nodes.openNodeStream)
    await makeService(handle, { name: 'hook' })
    const config = { service: { namespace: 'default', name: 'hook', path: '/convert' }, caBundle: server.caBundle }
    for (let n = 0; n < 3; n++) {
      const answer = await remote.ask(config, asking({ query: new URLSearchParams({ timeout: '10s' }) }))
      expect([answer.status, answer.body.toString()]).toEqual([200, '{"ok":true}'])
    }
    const asked = { servername: 'hook.default.svc', host: 'hook.default.svc:443', url: '/convert?timeout=10s', method: 'POST' }
    expect(seen).toEqual([asked, asked, asked])
    expect(nodes.asked).toEqual([{ node: 'pi-1', request: { kind: 'dial', podUid: 'uid-of-pod', address: '10.42.0.9', port: 8443 } }])
  })

  it('says what is missing of a Service', async () => {
    const { remote, handle } = await testBed()
    await makeService(handle, { name: 'hook' })
    const ask = (name: string, port?: number) => remote.ask({ service: { namespace: 'default', name, path: '/x', port } }, asking())
    await expect(ask('none')).rejects.toThrow('Post "https://none.default.svc:443/x": service "none" not found')
    await expect(ask('hook', 444)).rejects.toThrow('no service port 444 found for service "hook"')
    await handle(
      {
        ...{
          method: 'PATCH',
          path: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/hook-1',
          query: new URLSearchParams(),
          signal,
        },
        headers: { 'content-type': 'application/json-patch+json' },
        body: Buffer.from(JSON.stringify([{ op: 'replace', path: '/endpoints/0/conditions/ready', value: false }])),
      },
      { user: { name: 'a', groups: ['system:masters', 'system:authenticated'] }, account: { of: 'administrators', name: 'a' } },
    )
    await expect(ask('hook')).rejects.toThrow('no endpoints available for service "hook"')
  })

  it('goes to a URL, shows nothing but what it was told to, and follows no redirect', async () => {
    const visits: unknown[] = []
    const server = keep(
      await startRemoteServer(
        (request, response) => {
          const { headers, socket, url } = request
          visits.push({ url, headers, certificate: (socket as TLSSocket).getPeerCertificate() })
          response.writeHead(302, { location: '/elsewhere' }).end()
        },
        { requestCert: true, rejectUnauthorized: false },
      ),
    )
    const { remote } = await testBed()
    const answer = await remote.ask(
      { url: `${server.url}/hook`, caBundle: server.caBundle },
      asking({ headers: { accept: 'application/json' } }),
    )
    expect(answer.status).toBe(302)
    const headers = { accept: 'application/json', connection: 'keep-alive', 'content-length': '2', host: `127.0.0.1:${server.port}` }
    expect(visits).toEqual([{ url: '/hook', headers, certificate: {} }])
  })

  it.each([
    ['http://127.0.0.1/', 'is not https'],
    ['https://user:secret@127.0.0.1/', 'a URL with a user in it is not asked'],
    ['elsewhere', 'is no URL'],
  ])('does not ask %s', async (url, message) => {
    const { remote } = await testBed()
    await expect(remote.ask({ url }, asking())).rejects.toThrow(message)
  })

  it('trusts who the config says and nobody else, with the name in the alternative names', async () => {
    const server = keep(await startRemoteServer((_request, response) => void response.end('ok'), { names: ['other.example'] }))
    const stranger = keep(await startRemoteServer((_request, response) => void response.end('ok')))
    const { remote } = await testBed()
    const unknown = 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
    await expect(remote.ask({ url: server.url, caBundle: stranger.caBundle }, asking())).rejects.toThrow(unknown)
    await expect(remote.ask({ url: server.url }, asking())).rejects.toThrow(unknown)
    const named = server.url.replace('127.0.0.1', 'localhost')
    await expect(remote.ask({ url: named, caBundle: server.caBundle }, asking())).rejects.toThrow(
      'tls: failed to verify certificate: x509: Host',
    )
    expect(await remote.ask({ url: named, insecureSkipTLSVerify: true }, asking())).toMatchObject({ status: 200 })
    // What was trusted blindly is no connection for who looks.
    await expect(remote.ask({ url: named, caBundle: server.caBundle }, asking())).rejects.toThrow('x509')
    await expect(remote.ask({ url: server.url, caBundle: 'bm90aGluZw==' }, asking())).rejects.toThrow('unable to parse bytes as PEM block')
  })
})

describe('a server that means harm', () => {
  const config = ({ url, caBundle }: { readonly url: string; readonly caBundle: string }) => ({ url, caBundle })

  it('cannot fill the memory with an endless body, and its connection ends', async () => {
    const server = keep(
      await startRemoteServer((_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(10_000)));
        }
        response.on('drain', more)
        response.on('error', () => {})
        more()
      }),
    )
    const { remote } = await testBed()
    await expect(remote.ask(config(server), asking())).rejects.toThrow('the answer is larger than 1000 bytes')
    await expect.poll(server.connections).toBe(0)
  })

  it('cannot hold the hub by saying nothing, nor by saying it slowly', async () => {
    const server = keep(
      await startRemoteServer((request, response) => {
        if (request.url === '/slow') response.write('x')
      }),
    )
    const { remote } = await testBed()
    for (const path of ['/silent', '/slow']) {
      const asked = remote.ask(config(server), asking({ path, timeoutMs: 50 }))
      await expect(asked).rejects.toMatchObject({ isTimeout: true, message: `Post "${server.url}${path}": context deadline exceeded` })
    }
    const gone = new AbortController()
    const asked = remote.ask(config(server), asking({ path: '/silent', signal: gone.signal }))
    gone.abort(new Error('the client went away'))
    await expect(asked).rejects.toThrow('the client went away')
    await expect.poll(server.connections).toBe(0)
  })

  it('is refused with headers without end, with what is no HTTP, with what is no TLS, and with another protocol', async () => {
    const server = keep(
      await startRemoteServer((request, response) => {
        const { socket, url } = request
        if (url === '/headers') for (let n = 0; n < 30; n++) response.setHeader(`x-${n}`, 'y'.repeat(1000))
        if (url === '/garbage') return void socket.end('hello\r\n\r\n')
        if (url === '/upgrade') return void socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
        if (url === '/hang-up') return void socket.destroy()
        return void response.end('ok')
      }),
    )
    const { remote } = await testBed()
    const ask = (path: string) => remote.ask(config(server), asking({ path }))
    await expect(ask('/headers')).rejects.toThrow('server response headers exceeded the limit')
    await expect(ask('/garbage')).rejects.toThrow('malformed HTTP response')
    await expect(ask('/upgrade')).rejects.toThrow('the server switched protocols unasked')
    await expect(ask('/hang-up')).rejects.toThrow('EOF')
    const plain = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('SSH-2.0-OpenSSH_9.0\r\n'),
    ).listen(0, '127.0.0.1')
    await once(plain, 'listening')
    opened.unshift(() => plain.close())
    const { port } = plain.address() as AddressInfo
    await expect(remote.ask({ url: `https://127.0.0.1:${port}`, caBundle: server.caBundle }, asking())).rejects.toThrow(/"https:.*": .+/)
  })

  it('keeps waiting whoever asks it, and nobody else, and is asked no more than so much at once', async () => {
    let isHeld = true
    const held: (() => void)[] = []
    let most = 0
    const server = keep(
      await startRemoteServer((_request, response) => {
        held.push(() => response.end('ok'))
        most = Math.max(most, held.length)
        if (!isHeld) for (const answer of held.splice(0)) answer()
      }),
    )
    const quick = keep(await startRemoteServer((_request, response) => void response.end('ok')))
    const { remote } = await testBed()
    const answers = Promise.all(
      Array.from({ length: 100 }, () => remote.ask(config(server), asking({ timeoutMs: 60_000, signal: new AbortController().signal }))),
    )
    await expect.poll(() => held.length).toBe(32)
    expect(await remote.ask(config(quick), asking())).toMatchObject({ status: 200 })
    isHeld = false
    for (const answer of held.splice(0)) answer()
    expect((await answers).map(({ status }) => status)).toEqual(Array(100).fill(200))
    expect(most).toBe(32)
  })

  it('that ends a kept connection is asked once more where that does no harm', async () => {
    let asked = 0
    const server = keep(
      await startRemoteServer((request, response) => {
        asked += 1
        if (asked === 2) return void request.socket.destroy()
        return void response.end('ok')
      }),
    )
    const { remote } = await testBed()
    expect(await remote.ask(config(server), asking())).toMatchObject({ status: 200 })
    expect(await remote.ask(config(server), asking())).toMatchObject({ status: 200 })
    asked = 0
    const { bytes } = await remote.open(config(server), asking())
    expect(String(Buffer.concat(await bytes.toArray()))).toBe('ok')
    await new Promise((resolve) => setImmediate(resolve)) // the connection is kept now
    await expect(remote.open(config(server), asking())).rejects.toThrow('EOF')
    expect(asked).toBe(2)
  })
})

it('what is asked for the hub itself waits for no answers that others read', async () => {
  const server = keep(
    await startRemoteServer((request, response) => (request.url === '/' ? response.end('ok') : response.writeHead(200).write('a'))),
  )
  const { remote } = await testBed()
  const config = { url: server.url, caBundle: server.caBundle }
  await Promise.all(Array.from({ length: 128 }, () => remote.open(config, asking({ method: 'GET', path: '/watch', body: '' }))))
  expect(await remote.ask(config, asking({ path: '/' }))).toMatchObject({ status: 200 })
})

it('an answer that is read as it comes ends with its reader', async () => {
  const server = keep(await startRemoteServer((_request, response) => void response.write('first')))
  const { remote } = await testBed()
  const reader = new AbortController()
  const { bytes, status } = await remote.open(
    { url: server.url, caBundle: server.caBundle },
    asking({ method: 'GET', signal: reader.signal, timeoutMs: 10_000 }),
  )
  expect(status).toBe(200)
  for await (const chunk of bytes) {
    expect(String(chunk)).toBe('first')
    break
  }
  await expect.poll(server.connections).toBe(0)
  const second = await remote.open({ url: server.url, caBundle: server.caBundle }, asking({ method: 'GET', signal: reader.signal }))
  reader.abort(new Error('gone'))
  await expect(second.bytes.toArray()).rejects.toThrow()
  await expect.poll(server.connections).toBe(0)
})

it('hosts are counted by their names up to so many, for anybody can think of more', async () => {
  const { store, server } = await createTestApi()
  opened.unshift(() => server.close())
  const hosts = new Set<string>()
  const deps = { registry: createRegistry({ store }), openNodeStream: noNodes, random: () => 0, hasRouteTo: async () => false }
  const remote = createRemote({ ...deps, count: ({ host }) => void hosts.add(host) })
  opened.unshift(() => remote.close())
  const ask = (name: string) => remote.ask({ service: { namespace: 'default', name, path: '/x' } }, asking())
  for (let n = 0; n < 70; n++) await expect(ask(`hook-${n}`)).rejects.toThrow('not found')
  expect(hosts.size).toBe(65)
  expect(hosts).toContain('hook-63.default.svc:443')
  expect(hosts).toContain('other')
})
