import type { Http2SecureServer, ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'

/** How long requests in hand may take when the hub stops. */
const stopMs = 5000
/** Until the last bytes of what has ended are with their reader. */
const lastWordMs = 500

/** A request being answered. One that is endless waits for what its caller does, or for changes: a watch, a log that is followed. */
export type Open = { readonly gone: AbortController; readonly isEndless: boolean }

type Closing = {
  readonly server: Http2SecureServer
  readonly sessions: ReadonlySet<ServerHttp2Session>
  /** All connections there are, from their first packet on. */
  readonly sockets: ReadonlySet<Socket>
  readonly open: ReadonlyMap<Promise<void>, Open>
}

export const stopping = () => new Error('the hub is stopping')

/**
 * In this order: what is endless ends well, what is in hand is finished (who comes meanwhile is told to come again, see `answering.ts`), then there
 * are no new connections any more, and what is left after a time is cut off.
 */
export async function close({ server, sessions, sockets, open }: Closing): Promise<void> {
  for (const { gone, isEndless } of open.values()) if (isEndless) gone.abort(stopping())
  await atMost(stopMs, Promise.allSettled([...open.keys()]))
  const closed = server.listening ? new Promise<void>((resolve) => server.close(() => resolve())) : Promise.resolve()
  for (const { gone } of open.values()) gone.abort(stopping())
  for (const session of sessions) session.close()
  await atMost(lastWordMs, closed)
  // Node would wait for whoever has shaken hands and says nothing, or does not end what he says.
  for (const socket of sockets) socket.destroy()
  for (const session of sessions) session.destroy()
  await closed
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))])
  } finally {
    clearTimeout(timer)
  }
}
