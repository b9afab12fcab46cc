import type { Clock } from '@bramble/shared/clock.ts'
import { createPlaces } from '@bramble/shared/limits/places.ts'
import { keepStrangersFew } from '@bramble/shared/limits/strangers.ts'
import type { Http2SecureServer, Http2ServerRequest, ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createFewBytes } from './few-bytes.ts'
import { limitSession } from './session-limits.ts'

/** How many connections there may be, of one and in all, and how long one lasts of whom nobody knows. */
export type GuestLimits = {
  /** By address, until somebody known asks there. */
  readonly strangers: { readonly ofOne: number; readonly inAll: number }
  /** By name. */
  readonly known: { readonly ofOne: number; readonly inAll: number }
  readonly strangerMs: number
}

/** Between the word that a session ends and its end. */
const goodbyeMs = 2000

/**
 * Whose each connection is. It is a stranger's, with little time and little to say, until it is known who is there: at once by a certificate, or with
 * the first request that brings a good token. From then on it is his, whoever else asks there.
 */
export function createGuests(
  server: Http2SecureServer,
  { strangers: ofStrangers, known: ofKnown, strangerMs }: GuestLimits,
  { clock, maxStreams }: { readonly clock: Clock; readonly maxStreams: number },
) {
  const strangers = keepStrangersFew(server, ofStrangers)
  const fewBytes = createFewBytes()
  const known = createPlaces(ofKnown)
  /** What ends when it is known who is there, by the far end: HTTP/2 tells of its session before there is its socket, and does not hand that on. */
  const unknown = new Map<string, ((name: string) => void)[]>()
  const onKnown = (socket: FarEnd, end: (name: string) => void): string => {
    const farEnd = farEndOf(socket)
    const ends = unknown.get(farEnd)
    if (ends === undefined) unknown.set(farEnd, [end])
    else ends.push(end)
    return farEnd
  }

  const isKnown = (socket: Socket, name: string) => {
    strangers.isKnown(socket)
    const guest = { of: name, end: () => socket.destroy() }
    known.enter(guest)
    socket.once('close', () => known.leave(guest))
  }
  return {
    /** `name`: whose certificate it has shown. */
    meet(socket: TLSSocket, name: string | undefined): void {
      if (name !== undefined) return isKnown(socket, name)
      const overdue = setTimeout(() => socket.destroy(), strangerMs + goodbyeMs)
      fewBytes.add(socket)
      const farEnd = onKnown(socket, (known) => {
        clearTimeout(overdue)
        fewBytes.remove(socket)
        isKnown(socket, known)
      })
      socket.once('close', () => {
        clearTimeout(overdue)
        unknown.delete(farEnd)
      })
    },
    meetSession(session: ServerHttp2Session, isStranger: boolean): void {
      const limits = limitSession(session, { clock, isStranger, maxStreams })
      if (!isStranger) return
      const goodbye = setTimeout(() => session.close(), strangerMs)
      const farEnd = onKnown(session.socket, () => {
        clearTimeout(goodbye)
        limits.isKnown()
      })
      session.on('close', () => {
        clearTimeout(goodbye)
        unknown.delete(farEnd)
      })
    },
    /** Somebody known asks. */
    hear(request: Http2ServerRequest, name: string): void {
      const farEnd = farEndOf(request.stream?.session?.socket ?? request.socket)
      const ends = unknown.get(farEnd)
      if (ends === undefined) return
      unknown.delete(farEnd)
      for (const end of ends) end(name)
    },
  }
}

type FarEnd = Pick<Socket, 'remoteAddress' | 'remotePort'>
const farEndOf = ({ remoteAddress, remotePort }: FarEnd) => `${remoteAddress} ${remotePort}`
