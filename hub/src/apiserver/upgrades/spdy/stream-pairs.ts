import type { SpdyStream } from '@bramble/shared/spdy/spdy-stream.ts'

/** The two streams of one forwarded connection. */
export type StreamPair = { readonly error: SpdyStream; readonly data: SpdyStream; readonly port: number }

type Half = 'error' | 'data'
type Waiting = { readonly half: Half; readonly stream: SpdyStream; readonly timer: NodeJS.Timeout }

/** As Kubernetes: who has not opened the other by then does not. */
const pairMs = 30_000

/**
 * Puts together the streams that belong to one connection, by their `requestid`: `portforward.k8s.io` opens one for errors and one for bytes. What is none of
 * both, or comes twice, is reset; of one that stays alone its caller hears so, and it ends.
 */
export function createStreamPairs(onPair: (pair: StreamPair) => void) {
  const waiting = new Map<string, Waiting>()
  const drop = (id: string) => {
    clearTimeout(waiting.get(id)?.timer)
    waiting.delete(id)
  }
  return {
    take(stream: SpdyStream): void {
      const half = stream.headers['streamtype']
      const port = Number(stream.headers['port'])
      if ((half !== 'error' && half !== 'data') || !(Number.isInteger(port) && port > 0 && port < 65_536)) return stream.reset()
      const id = idOf(stream, half)
      const first = waiting.get(id)
      if (first === undefined) {
        const timer = setTimeout(() => {
          drop(id)
          void endAlone(half, stream)
        }, pairMs)
        waiting.set(id, { half, stream, timer })
        stream.signal.addEventListener('abort', () => waiting.get(id)?.stream === stream && drop(id), { once: true })
        return
      }
      if (first.half === half) return stream.reset()
      drop(id)
      const [error, data] = half === 'data' ? [first.stream, stream] : [stream, first.stream]
      onPair({ error, data, port: Number(data.headers['port']) })
    },
    /** None that waits is waited for any more. */
    close(): void {
      for (const id of [...waiting.keys()]) drop(id)
    },
  }
}

/** Clients of before name none, and open the error stream first. */
const idOf = (stream: SpdyStream, half: Half): string => stream.headers['requestid'] ?? `#${half === 'error' ? stream.id : stream.id - 2}`

async function endAlone(half: Half, stream: SpdyStream): Promise<void> {
  if (half === 'data') return stream.reset()
  try {
    await stream.write(Buffer.from(`timed out after ${pairMs / 1000} s waiting for the data stream of this connection`))
    stream.end()
  } catch {
    // Gone meanwhile.
  }
}
