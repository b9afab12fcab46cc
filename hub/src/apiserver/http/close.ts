import type { Http2SecureServer, ServerHttp2Session } from 'node:http2'

/** How long requests in hand may take when the hub stops. */
const stopMs = 5000

type Closing = {
  readonly server: Http2SecureServer
  readonly sessions: ReadonlySet<ServerHttp2Session>
  readonly open: ReadonlyMap<Promise<void>, { readonly gone: AbortController }>
}

/** No new connections; watches end; what is in hand is finished; then the rest is cut off. */
export async function close({ server, sessions, open }: Closing): Promise<void> {
  const closed = server.listening ? new Promise<void>((resolve) => server.close(() => resolve())) : Promise.resolve()
  for (const { gone } of open.values()) gone.abort(new Error('the hub is stopping'))
  for (const session of sessions) session.close()
  const timer = setTimeout(() => {
    for (const session of sessions) session.destroy()
  }, stopMs)
  try {
    await Promise.race([Promise.allSettled(open.keys()), new Promise<void>((resolve) => setTimeout(resolve, stopMs).unref())])
    // Of HTTP/1.1; its keep-alive connections would hold the server open.
    const http1 = server as unknown as { closeAllConnections?(): void }
    http1.closeAllConnections?.()
    for (const session of sessions) session.destroy()
    await closed
  } finally {
    clearTimeout(timer)
  }
}
