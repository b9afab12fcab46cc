import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { SpdyConnection } from '@bramble/shared/spdy/connection.ts'
import { CriError } from './cri-error.ts'

const connectMs = 10_000
const maxHeadBytes = 16 * 1024

export type StreamingRequest = {
  /** What the runtime has answered: where to fetch, once, what it was asked for. */
  readonly url: string
  /** Of `X-Stream-Protocol-Version`. */
  readonly protocol: string
  readonly signal: AbortSignal
}

/**
 * Speaks SPDY with the runtime's streaming server (CRI, `ExecResponse.url`), which Kubernetes' own kubelet and every runtime do. Nothing of it is read before
 * `run` is called, which ends when it does; whoever opens it closes it.
 */
export async function openStreaming({ url, protocol, signal }: StreamingRequest): Promise<SpdyConnection> {
  const { protocol: scheme, hostname, port, pathname, search, host } = new URL(url)
  if (scheme !== 'http:') throw failed(`serves its streams over ${scheme}// and not over http://, which this agent does not speak`)
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), noDelay: true, allowHalfOpen: true })
  socket.on('error', () => {}) // whoever waits for it is told
  try {
    using limit = createDeadline(connectMs, signal)
    const onAbort = () => socket.destroy(new Error(limit.hasPassed ? 'it took too long' : 'nobody waits for it any more'))
    limit.signal.addEventListener('abort', onAbort, { once: true })
    if (limit.signal.aborted) onAbort()
    try {
      await once(socket, 'connect')
      socket.write(
        [
          `POST ${pathname}${search} HTTP/1.1`,
          `Host: ${host}`,
          'Connection: Upgrade',
          'Upgrade: SPDY/3.1',
          `X-Stream-Protocol-Version: ${protocol}`,
          'Content-Length: 0',
          '\r\n',
        ].join('\r\n'),
      )
      const head = await headOf(socket)
      if (!head.startsWith('HTTP/1.1 101 ')) throw failed(`did not open its streams: ${head.split('\r\n', 1)[0] ?? ''}`)
    } finally {
      limit.signal.removeEventListener('abort', onAbort)
    }
  } catch (error) {
    socket.destroy()
    throw error instanceof CriError
      ? error
      : failed(`streams could not be reached: ${error instanceof Error ? error.message : String(error)}`)
  }
  return new SpdyConnection({ transport: socket, side: 'client' })
}

/** Reads the answer's head, and leaves what comes behind it in the socket. */
async function headOf(socket: Socket): Promise<string> {
  let head: Buffer = Buffer.alloc(0)
  for (;;) {
    const chunk = socket.read() as Buffer | null // a socket without an encoding
    if (chunk === null) {
      if (socket.readableEnded || socket.destroyed) throw socket.errored ?? new Error('it hung up')
      await Promise.race([once(socket, 'readable'), once(socket, 'close')])
      continue
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0 && head.length > maxHeadBytes) throw new Error('its answer has no end')
    if (end < 0) continue
    const rest = head.subarray(end + 4)
    if (rest.length > 0) socket.unshift(rest)
    return head.toString('latin1', 0, end)
  }
}

const failed = (why: string) => new CriError('UNAVAILABLE', 'streams', `the container runtime ${why}`)
