import { SpdyConnection } from '@bramble/shared/spdy/connection.ts'
import type { SpdyStream } from '@bramble/shared/spdy/spdy-stream.ts'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Forward, ForwardedConnection, PortSession } from '../forwarded-connection.ts'
import { createStreamPairs, type StreamPair } from './stream-pairs.ts'

/** Of one session, two for each connection: more than one may have of a node, so that who asks for more is refused in words. */
const maxStreams = 96

/** A caller that speaks `portforward.k8s.io`: each connection has a stream for its bytes and one for what went wrong, many at a time. */
export function portStreams({ transport, forward }: { readonly transport: Duplex; readonly forward: Forward }): PortSession {
  const pairs = createStreamPairs((pair) => void forward(connectionOf(pair)))
  const spdy = new SpdyConnection({ transport, side: 'server', maxStreams, shared: { ofOne: 2 }, onStream: pairs.take })
  spdy.signal.addEventListener('abort', pairs.close, { once: true })
  void spdy.run().catch(() => {}) // the caller hears it in SPDY
  return {
    signal: spdy.signal,
    async finish() {
      await spdy.flushed()
      spdy.close()
      if (!transport.closed) await once(transport, 'close')
    },
  }
}

function connectionOf({ port, data, error }: StreamPair): ForwardedConnection {
  let hasEnded = false
  const end = () => {
    hasEnded = true
    data.end()
    // Also when the caller has more to say: clients in Go close their side only when both of these have ended.
    error.end()
  }
  // Old clients wait for the end of both, also when one was given up.
  data.signal.addEventListener('abort', () => error.end(), { once: true })
  return {
    port,
    signal: data.signal,
    data: { write: (bytes) => data.write(bytes), end, [Symbol.asyncIterator]: () => data[Symbol.asyncIterator]() },
    fail(message) {
      if (hasEnded) return data.reset()
      void error.write(Buffer.from(message)).catch(() => {}) // gone meanwhile
      end()
      void throwAway(data)
    },
    reset() {
      data.reset()
      error.end()
    },
  }
}

/** What the caller says to nobody must not hold up its other connections. */
async function throwAway(stream: SpdyStream): Promise<void> {
  try {
    for await (const _ of stream);
  } catch {
    // It was broken, which is an end as well.
  }
}
