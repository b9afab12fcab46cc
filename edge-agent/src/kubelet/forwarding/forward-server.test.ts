import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { duplexOf } from '@bramble/shared/streams/duplex-of.ts'
import { servedBy } from '@bramble/shared/streams/testing/stream-pair.ts'
import type { PodSandbox, SandboxNetwork } from '../../cri/cri.ts'
import { createForwardServer } from './forward-server.ts'
import type { Helpers } from './helpers.ts'

const sockets = new Set<Socket>()
/** Says at the end what it heard, or ends the connection badly when it is told to. */
const server = createServer({ allowHalfOpen: true }, (socket) => {
  sockets.add(socket)
  socket.on('error', () => {})
  socket.once('close', () => sockets.delete(socket))
  const pieces: Buffer[] = []
  socket.on('data', (piece: Buffer) => (piece.toString() === 'break' ? socket.resetAndDestroy() : pieces.push(piece)))
  socket.on('end', () => socket.end(Buffer.concat(pieces)))
})
let port: number
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port // of TCP
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  server.close()
  await once(server, 'close')
})

const ready = { id: 's', state: 'SANDBOX_READY', createdAt: 2n, metadata: { attempt: 1 } } as unknown as PodSandbox // nothing else is looked at
const old = { ...ready, id: 'old', state: 'SANDBOX_NOTREADY', metadata: { attempt: 0 } } as PodSandbox
const inside = { of: 'pod', file: '/run/netns/x' } as const

/** `helper`: what connects inside of a pod; here nothing is apart. */
const forward = ({
  at,
  sandboxes = [ready, old],
  network = inside,
  helper = async (_file, to) => {
    const socket = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    return socket
  },
}: {
  readonly at?: number
  readonly sandboxes?: readonly PodSandbox[]
  readonly network?: SandboxNetwork
  readonly helper?: Helpers['connect']
}) => {
  const cri = { listPodSandboxes: async () => sandboxes, podSandboxNetwork: async (id: string) => (id === 's' ? network : undefined) }
  const serve = createForwardServer({ cri, instance: 'i', nodeName: 'pi-1', helpers: { connect: helper } })
  return servedBy<'forward'>(serve, { kind: 'forward', podUid: 'uid-1', ...(at !== undefined && { port: at }) })
}

it.each<[string, SandboxNetwork]>([
  ['of a pod', inside],
  ['of the machine', { of: 'host' }],
])('connects to localhost in the network %s, both ways, with half-close, however much it is', async (_, network) => {
  const stream = forward({ at: port, network })
  await stream.accepted
  const duplex = duplexOf(stream, 0)
  const sent = Buffer.alloc(3_000_000, 'abc')
  duplex.end(sent)
  const pieces: Buffer[] = []
  for await (const piece of duplex) pieces.push(piece as Buffer)
  expect(Buffer.concat(pieces).equals(sent)).toBe(true)
  expect(await stream.closed).toMatchObject({ status: 'Success' })
  await expect.poll(() => sockets.size).toBe(0)
})

it('says whether the pod is here without connecting to anything', async () => {
  const stream = forward({ helper: () => Promise.reject(new Error('connected')) })
  await stream.accepted
  expect(await stream.closed).toMatchObject({ status: 'Success' })
})

it('ends the connection with the stream, and the stream with the connection', async () => {
  const stream = forward({ at: port })
  await stream.accepted
  await expect.poll(() => sockets.size).toBe(1)
  stream.abort(new Error('enough'))
  await expect.poll(() => sockets.size).toBe(0)

  const broken = forward({ at: port })
  await broken.accepted
  await broken.channel(0).write(Buffer.from('break'))
  expect(await broken.closed).toMatchObject({
    status: 'Failure',
    message: expect.stringContaining(`the connection to port ${port} broke: `),
  })
})

const elsewhere = { ...ready, id: 'gone' }
it.each<[string, Parameters<typeof forward>[0], string]>([
  ['a pod that is not there', { sandboxes: [] }, 'no pod uid-1 runs on node pi-1'],
  ['a pod whose sandbox has stopped', { sandboxes: [old, { ...old, id: 's', metadata: ready.metadata }] }, 'no pod uid-1 runs'],
  ['a pod that ends while it is asked about', { sandboxes: [elsewhere] }, 'no pod uid-1 runs'],
  ['a network that the runtime does not tell', { network: { of: 'nobody knows' } }, 'does not say in which network pod uid-1 is'],
  ['what is no port', { at: 65_536 }, '65536 is no port'],
  ['a port that nobody listens at', { at: 1, helper: () => Promise.reject(new Error('refused, both')) }, 'refused, both'],
  ['a port of the machine that nobody listens at', { at: 1, network: { of: 'host' } }, 'IPv6: connect ECONNREFUSED ::1:1'],
])('refuses %s', async (_, asked, why) => {
  await expect(forward({ at: port, ...asked }).accepted).rejects.toThrow(why)
})
