import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import type { Target } from './api-load.ts'

/** As many as an operator has on its connection. */
const ofOneConnection = 10

export type Watchers = {
  /** Resolves once every watch has had so many events since the last call. */
  heard(events: number): Promise<void>
  close(): void
}

/**
 * So many watches of one path, ten on each HTTP/2 connection. Frames are counted as they come out of TLS and read no further: a client that
 * takes longer for an event than the hub would measure itself.
 */
export async function startWatchers(target: Target, count: number, path: string): Promise<Watchers> {
  const connections = await Promise.all(Array.from({ length: count / ofOneConnection }, () => openWatches(target, ofOneConnection, path)))
  return {
    heard: async (events) => void (await Promise.all(connections.map((each) => each.heard(events)))),
    close: () => connections.forEach((each) => each.close()),
  }
}

const frame = { data: 0, headers: 1, settings: 4, ping: 6, windowUpdate: 8 }
const headBytes = 9
/** More than any of these watches will be sent. */
const window = 0x3fffffff

async function openWatches({ port, ca, cert, key }: Target, count: number, path: string): Promise<Watchers> {
  const socket = connect({ host: '127.0.0.1', port, ca, cert, key, ALPNProtocols: ['h2'] })
  await once(socket, 'secureConnect')
  socket.setNoDelay(true)
  const initialWindow = Buffer.alloc(6)
  initialWindow.writeUInt16BE(4, 0)
  initialWindow.writeUInt32BE(window, 2)
  const wider = Buffer.alloc(4)
  wider.writeUInt32BE(window)
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  send(socket, frame.settings, 0, 0, initialWindow)
  send(socket, frame.windowUpdate, 0, 0, wider)
  const asked = headersOf(path)
  for (let index = 0; index < count; index += 1) send(socket, frame.headers, 5, 1 + 2 * index, asked)

  let left = 0
  let done = () => {}
  let answered = 0
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  readFrames(socket, (type, flags, payload) => {
    if (type === frame.settings && (flags & 1) === 0) send(socket, frame.settings, 1, 0)
    if (type === frame.ping && (flags & 1) === 0) send(socket, frame.ping, 1, 0, payload)
    if (type === frame.headers && ++answered === count) open()
    if (type === frame.data && payload.length > 0 && --left === 0) done()
  })
  await opened
  return {
    heard(events) {
      left += events * count
      return new Promise((resolve) => (done = resolve))
    },
    close: () => socket.destroy(),
  }
}

function send(socket: TLSSocket, type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): void {
  const head = Buffer.alloc(headBytes)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  socket.write(Buffer.concat([head, payload]))
}

/** Literals without an index: nothing has to be remembered by either side. */
function headersOf(path: string): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
  const all = { ':method': 'GET', ':scheme': 'https', ':authority': '127.0.0.1', ':path': path }
  return Buffer.concat(Object.entries(all).flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]))
}

function readFrames(socket: TLSSocket, onFrame: (type: number, flags: number, payload: Buffer) => void): void {
  let rest = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (at + headBytes <= bytes.length) {
      const end = at + headBytes + bytes.readUIntBE(at, 3)
      if (end > bytes.length) break
      onFrame(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, bytes.subarray(at + headBytes, end))
      at = end
    }
    rest = Buffer.from(bytes.subarray(at))
  })
}
