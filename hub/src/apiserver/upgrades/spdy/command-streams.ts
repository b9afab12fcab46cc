import { SpdyConnection } from '@bramble/shared/spdy/connection.ts'
import type { SpdyStream } from '@bramble/shared/spdy/spdy-stream.ts'
import { channels } from '@bramble/shared/streams/node-stream.ts'
import type { Duplex } from 'node:stream'
import type { RemoteSide } from '../remote-side.ts'
import { statusText } from '../status-text.ts'

export type CommandStreamsDeps = {
  readonly connection: Duplex
  readonly protocol: string
  /** Those that the caller has to open, beside that of errors. */
  readonly wanted: readonly number[]
}

/** As Kubernetes: who has not opened them by then does not. */
const openMs = 30_000

/** A caller that speaks a `channel.k8s.io` protocol in streams of SPDY. Resolves when it has opened all that it asked for. */
export async function commandStreams({ connection, protocol, wanted }: CommandStreamsDeps): Promise<RemoteSide> {
  const needed = new Set<number>([channels.error, ...wanted])
  const streams = new Map<number, SpdyStream>()
  let opened = () => {}
  const complete = new Promise<void>((resolve) => (opened = resolve))
  const spdy = new SpdyConnection({
    transport: connection,
    side: 'server',
    maxStreams: Object.keys(channels).length,
    onStream(stream) {
      const number = channels[(stream.headers['streamtype'] ?? '') as keyof typeof channels] as number | undefined // none for another word
      if (number === undefined || !needed.has(number) || streams.has(number)) return stream.reset()
      streams.set(number, stream)
      if (streams.size === needed.size) opened()
    },
  })
  void spdy.run().catch(() => {}) // the caller hears it in SPDY
  const timer = setTimeout(() => spdy.close(), openMs)
  await new Promise<void>((resolve, reject) => {
    spdy.signal.addEventListener('abort', () => reject(spdy.signal.reason), { once: true })
    void complete.then(resolve)
  }).finally(() => clearTimeout(timer))

  return {
    signal: spdy.signal,
    channel: (number) => streams.get(number) as SpdyStream, // all that are wanted are there
    async finish(status) {
      const error = streams.get(channels.error)
      const text = statusText(protocol, status)
      try {
        if (text !== '') await error?.write(Buffer.from(text))
        for (const stream of streams.values()) stream.end()
        await spdy.flushed()
      } catch {
        // Gone: there is nobody to tell.
      }
      spdy.close()
    },
  }
}
