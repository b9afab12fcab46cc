import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { badRequest } from '@bramble/shared/api/api-error.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { checkNonSpecialIp } from '@bramble/shared/meta/ip.ts'
import { duplexOf } from '@bramble/shared/streams/duplex-of.ts'
import { channels } from '@bramble/shared/streams/node-stream.ts'
import type { Call } from '../call.ts'
import { openWithin } from '../pods/open-stream.ts'
import type { Place } from '../remote/places.ts'

const connectMs = 10_000

/**
 * Connects to a place: to a pod through its node alone, which knows its own; to what is none (endpoints that somebody has written) from here, unless that is the
 * hub itself or its own link (Kubernetes: `IsProxyableIP`).
 */
export async function dialPlace(call: Call, { host, port, pod }: Place, signal: AbortSignal): Promise<Duplex> {
  if (pod !== undefined) {
    const request = { kind: 'dial', podUid: pod.uid, address: host, port } as const
    return duplexOf(await openWithin(call, { node: pod.node, request, signal }), channels.stdin)
  }
  if (checkNonSpecialIp(host).length > 0) throw badRequest('address not allowed')
  using limit = linkSignals(signal)
  const timer = setTimeout(() => limit.abort(new Error('i/o timeout')), connectMs)
  const socket = connect({ host, port, noDelay: true })
  socket.on('error', () => {}) // whoever waits for it, or reads it, is told
  try {
    await once(socket, 'connect', { signal: limit.signal })
    endWith(socket, signal)
    return socket
  } catch (error) {
    socket.destroy()
    throw limit.signal.aborted ? limit.signal.reason : error
  } finally {
    clearTimeout(timer)
  }
}

/** As a node's stream: whoever it is for, it ends with what it was made for. */
function endWith(socket: Socket, signal: AbortSignal): void {
  const end = () => socket.destroy(signal.reason as Error) // of a request or a refusal, which are errors
  signal.addEventListener('abort', end, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', end))
  if (signal.aborted) end()
}
