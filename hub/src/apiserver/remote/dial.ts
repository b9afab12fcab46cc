import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { duplexOf } from '@bramble/shared/streams/duplex-of.ts'
import { channels, type OpenNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { Place } from './places.ts'

export type DialDeps = {
  readonly openNodeStream: OpenNodeStream
  /** Whether this machine has a way of its own to an address. */
  readonly hasRouteTo: (address: string) => Promise<boolean>
  readonly random: () => number
}

export type Dial = (places: readonly Place[], signal: AbortSignal) => Promise<Duplex>

// A Service may have a thousand; who asks waits for us.
const maxTried = 3
/** Of one way to one place. */
const connectMs = 5000

/** The way to others' servers: from here where there is a route, else through the node of a pod. */
export function createDial({ openNodeStream, hasRouteTo, random }: DialDeps): Dial {
  const throughNode = async ({ host, port, pod }: Required<Place>, signal: AbortSignal): Promise<Duplex> => {
    const stream = openNodeStream(pod.node, { kind: 'dial', podUid: pod.uid, address: host, port }, signal)
    await stream.accepted
    return duplexOf(stream, channels.stdin)
  }

  const reach = async (place: Place, signal: AbortSignal): Promise<Duplex> => {
    const { host, port, pod } = place
    if (pod === undefined) return direct({ host, port }, signal)
    const viaNode = () => within(connectMs, signal, (limit) => throughNode({ host, port, pod }, limit))
    if (!(await hasRouteTo(host))) return viaNode()
    // A route need not lead there: a firewall of the node, or another network with the same addresses.
    return direct({ host, port }, signal).catch((error: unknown) => {
      if (signal.aborted) throw error
      return viaNode()
    })
  }

  return (places, signal) => oneOf(places, random, signal, reach)
}

/** Connects to one of the places, by chance, and to another one when that does not answer. Throws why the first did not. */
export async function oneOf(
  places: readonly Place[],
  random: () => number,
  signal: AbortSignal,
  reach: (place: Place, signal: AbortSignal) => Promise<Duplex>,
): Promise<Duplex> {
  let failure: unknown
  for (const place of someOf(places, random)) {
    try {
      return await reach(place, signal)
    } catch (error) {
      if (signal.aborted) throw error
      failure ??= error
    }
  }
  throw failure ?? new Error('there is no place to connect to')
}

function someOf(places: readonly Place[], random: () => number): readonly Place[] {
  const first = Math.floor(random() * places.length)
  return Array.from({ length: Math.min(maxTried, places.length) }, (_, n) => places[(first + n) % places.length] as Place) // within the list
}

const direct = ({ host, port }: Pick<Place, 'host' | 'port'>, signal: AbortSignal): Promise<Duplex> =>
  within(connectMs, signal, async (limit) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true })
    try {
      await once(socket, 'connect', { signal: limit })
      return socket
    } catch (error) {
      socket.on('error', () => {}) // of nobody any more
      socket.destroy()
      throw new Error(`dial tcp ${host}:${port}: ${limit.aborted ? 'i/o timeout' : reasonOf(error)}`, { cause: error })
    }
  })

/** What takes longer is given up. Once it is there it ends by itself: a connection outlives the request that it was made for. */
async function within<T>(ms: number, above: AbortSignal, act: (limit: AbortSignal) => Promise<T>): Promise<T> {
  using limit = linkSignals(above)
  const timer = setTimeout(() => limit.abort(new Error('i/o timeout')), ms)
  try {
    return await act(limit.signal)
  } finally {
    clearTimeout(timer)
  }
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
}

function reasonOf(error: unknown): string {
  const { code, hostname } = error as { readonly code?: string; readonly hostname?: string } // of Node's own errors
  if (code === 'ENOTFOUND') return `lookup ${hostname ?? ''}: no such host`
  return words[code ?? ''] ?? messageOf(error)
}
