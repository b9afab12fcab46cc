import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { duplexOf } from '@bramble/shared/streams/duplex-of.ts'
import { servedBy } from '@bramble/shared/streams/testing/stream-pair.ts'
import { samplePod } from '../testing/samples.ts'
import { nothingSeen, type SeenPod } from '../observed/seen.ts'
import { createDialServer } from './dial-server.ts'

const sockets = new Set<Socket>()
const server = createServer({ allowHalfOpen: true }, (socket) => {
  sockets.add(socket)
  socket.on('error', () => {})
  socket.once('close', () => sockets.delete(socket))
  // Says at the end what it heard.
  const heard: Buffer[] = []
  socket.on('data', (bytes: Buffer) => heard.push(bytes))
  socket.on('end', () => socket.end(Buffer.concat(heard)))
})
let port: number
beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port // of TCP
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  server.close()
  await once(server, 'close')
})

const running = (ips: readonly string[]): SeenPod => ({
  ...nothingSeen('uid-1', 'default', 'web'),
  sandboxes: [{ id: 's', attempt: 0, isReady: true, createdAt: 0, ips }],
  containers: [{ state: 'running' } as SeenPod['containers'][number]], // nothing else of it is looked at
})
const dial = (seen: SeenPod, { wanted = samplePod({}), address = '127.0.0.1', at = port } = {}) => {
  const serve = createDialServer({
    seen: async (uid) => (uid === 'uid-1' ? seen : nothingSeen(uid, '', '')),
    wanted: (uid) => (uid === 'uid-1' ? wanted : undefined),
    hostIP: () => '127.0.0.1',
    nodeName: 'pi-1',
  })
  return servedBy<'dial'>(serve, { kind: 'dial', podUid: 'uid-1', address, port: at })
}

it('connects to a port of a pod, in both directions, with half-close, however much it is', async () => {
  const stream = dial(running(['127.0.0.1']))
  await stream.accepted
  const duplex = duplexOf(stream, 0)
  const sent = Buffer.alloc(3_000_000, 'abc')
  duplex.end(sent)
  const chunks: Buffer[] = []
  for await (const chunk of duplex) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).equals(sent)).toBe(true)
  expect(await stream.closed).toMatchObject({ status: 'Success' })
  await expect.poll(() => sockets.size).toBe(0)
})

it('ends the connection with the stream, and the stream with the connection', async () => {
  const stream = dial(running(['127.0.0.1']))
  await stream.accepted
  await expect.poll(() => sockets.size).toBe(1)
  duplexOf(stream, 0).destroy()
  await expect.poll(() => sockets.size).toBe(0)

  const other = dial(running(['127.0.0.1']))
  await other.accepted
  const duplex = duplexOf(other, 0)
  const failed = once(duplex, 'error')
  await expect.poll(() => sockets.size).toBe(1)
  for (const socket of sockets) socket.resetAndDestroy()
  expect(await failed).toMatchObject([{ message: expect.stringContaining('ECONNRESET') }])
})

it('says that nobody listens', async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port: nobody } = closed.address() as AddressInfo // of TCP
  closed.close()
  await expect(dial(running(['127.0.0.1']), { at: nobody }).accepted).rejects.toThrow(`dial tcp 127.0.0.1:${nobody}: connect ECONNREFUSED`)
})

it.each([
  ['an address that is not the pod’s', running(['10.42.0.9']), {}],
  ['a pod that is not there', nothingSeen('uid-1', '', ''), {}],
  ['a pod of which nothing runs', { ...running(['127.0.0.1']), containers: [] }, {}],
  ['a port of the host that the pod does not say', running([]), { wanted: samplePod({ hostNetwork: true }) }],
  ['a name', running(['localhost']), { address: 'localhost' }],
])('refuses %s', async (_what, seen, more) => {
  await expect(dial(seen, more).accepted).rejects.toMatchObject({ reason: 'BadRequest' })
  expect(sockets.size).toBe(0)
})

it('takes a pod in the network of the host by the ports that it says', async () => {
  const [container] = samplePod({}).spec.containers
  const wanted = samplePod({
    hostNetwork: true,
    containers: [{ ...container, name: 'main', ports: [{ containerPort: port, protocol: 'TCP' }] }] as never,
  })
  const stream = dial(running([]), { wanted })
  await stream.accepted
  stream.abort(new Error('seen'))
})
