import { SpdyConnection } from '@bramble/shared/spdy/connection.ts'
import type { SpdyStream } from '@bramble/shared/spdy/spdy-stream.ts'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { CriError } from '../../../../edge-agent/src/cri/cri-error.ts'
import type { Cri, StreamsOfCommand } from '../../../../edge-agent/src/cri/cri.ts'

type Channels = ReadonlyMap<string, SpdyStream>

/** What a container's commands do, by their word; each has its streams until it resolves, and has ended well then. */
const commands: Readonly<Record<string, (channels: Channels) => Promise<unknown>>> = {
  async cat(channels) {
    for await (const bytes of channels.get('stdin') ?? []) await channels.get('stdout')?.write(bytes)
  },
  /** Says all it can, and reads nothing. */
  async yes(channels) {
    for (;;) await channels.get('stdout')?.write(Buffer.alloc(32 * 1024, 'y'))
  },
  /** Hears the end of its input, says so and goes on. */
  async patient(channels) {
    for await (const _ of channels.get('stdin') ?? []);
    await channels.get('stdout')?.write(Buffer.from('all heard'))
    await new Promise(() => {})
  },
  /** Says more than is on its way at once, and has ended. */
  async goodbye(channels) {
    await channels.get('stdout')?.write(Buffer.alloc(3_000_000, 'g'))
  },
}

/**
 * A container runtime as far as streams go: what its CRI answers, and a streaming server that speaks SPDY on a real socket. It has one container that runs,
 * of one pod; `main` is what its main process does.
 */
export async function startRuntime(logPath: string) {
  const sockets = new Set<Socket>()
  /** Calls that are never answered, by what was called. */
  const hanging = new Set<string>()
  const state = { main: 'cat', hangs: '', isAway: false, askedInVain: 0 }
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // cut off, which is what is tried
    socket.once('close', () => sockets.delete(socket))
    void serve(socket).catch(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of TCP

  const called = async <T>(name: string, signal: AbortSignal | undefined, answer: T): Promise<T> => {
    if (state.hangs !== name) return answer
    hanging.add(name)
    await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }))
    hanging.delete(name)
    throw signal?.reason
  }
  const url = (word: string, { stdin, stdout, stderr, tty }: StreamsOfCommand) =>
    `http://127.0.0.1:${port}/${word}?${1 + [stdin, stdout, stderr, tty].filter(Boolean).length}`
  const container = { id: 'c', state: 'CONTAINER_RUNNING', annotations: {}, createdAt: 1n, logPath }
  const cri = {
    listContainers: (_filter, options) => called('listContainers', options?.signal, [container] as never), // what else it has nobody reads
    async containerStatus() {
      if (!state.isAway) return container as never
      state.askedInVain += 1
      throw new CriError('UNAVAILABLE', 'ContainerStatus', 'not reachable: connect ENOENT containerd.sock')
    },
    exec: (_id, [word = ''], streams, options) => called('exec', options?.signal, url(word, streams)),
    attach: (_id, streams, options) => called('attach', options?.signal, url(state.main, streams)),
    listPodSandboxes: (_filter, options) =>
      called('listPodSandboxes', options?.signal, [{ id: 's', state: 'SANDBOX_READY', createdAt: 1n }] as never),
    podSandboxNetwork: async () => ({ of: 'host' }),
  } satisfies Partial<Cri> as Partial<Cri> as Cri // nothing else is called
  return {
    cri,
    state,
    sockets,
    hanging,
    print: (line: string) => appendFileSync(logPath, `2026-06-01T12:00:00.000000001Z stdout F ${line}\n`),
    /** As when it is killed. */
    breakOff: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function serve(socket: Socket): Promise<void> {
  await once(socket, 'readable') // the head is a packet, and its caller waits for the answer
  const [, word = '', count = ''] = /^POST \/(\w+)\?(\d+) /.exec(String(socket.read())) ?? []
  const channels = new Map<string, SpdyStream>()
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n',
  )
  let complete = () => {}
  const isComplete = new Promise<void>((resolve) => (complete = resolve))
  const spdy = new SpdyConnection({
    transport: socket,
    side: 'server',
    maxStreams: 5,
    onStream(stream) {
      channels.set(stream.headers['streamtype'] ?? '', stream)
      if (channels.size === Number(count)) complete()
    },
  })
  void spdy.run().catch(() => {}) // its streams tell why
  await isComplete
  await commands[word]?.(channels)
  await channels.get('error')?.write(Buffer.from('{"metadata":{},"status":"Success"}'))
  for (const stream of channels.values()) stream.end()
  spdy.close()
}
