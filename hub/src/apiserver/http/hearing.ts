import { createAllowance } from '@bramble/shared/limits/allowance.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { Asker } from './asker.ts'
import { calm } from './session-limits.ts'
import { createShares } from '../fairness/shares.ts'

/** A refusal waits as long as it asks its reader to stay away. */
export const defaultRefusalMs = 1000
/** What waits costs the memory of an open stream: one whole HTTP/2 session of requests, and those of a few such askers in all. */
const refusalsOfOne = 256
const refusalsInAll = 4096
/** Between an answer and the end of a connection that has more to say: who is told by a reset has not read the answer. */
const lastWordMs = 500
/** A load balancer asks once a second whether there is a hub. */
const ofStranger = { burst: 200, perSecond: 50 }

/**
 * Whom the HTTPS door listens to. Who asks for more than it may have is told so after a while, and not at once: a client that waits for
 * its answers asks no faster than it hears them, and so refusing costs less than serving. Who does not wait loses its connection.
 * A refusal holds its place for all its time, also when its reader has gone, so that going and coming back gains nothing.
 */
export function createHearing({ clock, refusalMs }: { readonly clock: Clock; readonly refusalMs: number }) {
  const waiting = createShares(refusalsInAll, refusalsOfOne)
  const overdone = new Set<string>()
  const strangers = createAllowance({ clock, ...ofStranger })
  const busy = new WeakSet<object>()

  return {
    /** False when this connection is at its end.*/
    hears(request: Http2ServerRequest, { name, isStranger }: Asker): boolean {
      const { stream, socket } = request
      // What had come before the connection was ended is still told of.
      if (stream?.session?.destroyed ?? socket.destroyed) return false
      return !busy.has(socket) && !overdone.has(name) && (!isStranger || strangers.take(name))
    },
    /** An HTTP/1.1 connection has one request at a time: none of our clients pipelines, and one read of the socket may bring thousands. */
    until({ stream, socket }: Http2ServerRequest, answered: Promise<void>): void {
      if (stream !== undefined) return
      busy.add(socket)
      void answered.finally(() => busy.delete(socket))
    },
    /** Resolves when a refusal may be told; false when so many wait already that it never is. */
    refuses({ name }: Asker, signal: AbortSignal): Promise<boolean> {
      if (!waiting.take(name, 1)) {
        overdone.add(name)
        return Promise.resolve(false)
      }
      return new Promise((resolve) => {
        const tell = () => resolve(true)
        const over = () => {
          waiting.giveBack(name, 1)
          overdone.delete(name)
          signal.removeEventListener('abort', tell)
          tell()
        }
        setTimeout(over, refusalMs).unref()
        signal.addEventListener('abort', tell, { once: true })
        if (signal.aborted) tell()
      })
    },
  }
}

export type Hearing = ReturnType<typeof createHearing>

/** Ends the connection of a request, all its others with it. */
export function hangUp({ stream, socket }: Http2ServerRequest): void {
  if (stream === undefined) return void socket.destroy()
  if (stream.session !== undefined) calm(stream.session)
}

/** The answer is the last word: what the request still has to say is not read. */
export function endWithAnswer({ stream, socket }: Http2ServerRequest, response: Http2ServerResponse): void {
  if (stream === undefined) {
    response.setHeader('connection', 'close')
    // Node would close it for both directions, and what is then still being sent takes the answer from its sender before it is read.
    socket.destroySoon = () => void socket.end()
  }
  response.once('finish', () => {
    if (stream === undefined) setTimeout(() => socket.destroy(), lastWordMs).unref()
    else stream.close(constants.NGHTTP2_NO_ERROR)
  })
}
