import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { NodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { Duplex } from 'node:stream'
import type { Call } from '../call.ts'
import { forward } from '../upgrades/forward.ts'
import type { Forward, ForwardedConnection, PortSession } from '../upgrades/forwarded-connection.ts'
import { type Agreed, agreedOn, type Spoken } from '../upgrades/offer.ts'
import { portStreams } from '../upgrades/spdy/port-streams.ts'
import { switchToSpdy } from '../upgrades/spdy/switch.ts'
import { accept } from '../upgrades/websocket/accept.ts'
import { portSocket } from '../upgrades/websocket/port-socket.ts'
import { tunnelOf } from '../upgrades/websocket/tunnel.ts'
import type { Connection } from '../verbs/connect.ts'
import { openWithin } from './open-stream.ts'
import { nodeOf, podOf } from './pod-of.ts'
import { mustBeAllowed, refusalToJoin, whileAllowed } from './while-allowed.ts'

const tunnelled = 'SPDY/3.1+portforward.k8s.io'
/** What kubectl speaks, in SPDY alone or within a WebSocket, and what Kubernetes' kubelet speaks with all others. */
const spoken: Spoken = {
  websocket: { protocols: [tunnelled, 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io'], unnamed: 'v4.channel.k8s.io' },
  spdy: { protocols: ['portforward.k8s.io'], unnamed: 'portforward.k8s.io' },
}

/** All are connected at once, and a caller may have so many streams of a node. */
const maxPorts = 16
/** For those who are still told why it ends: a caller that reads nothing is not waited for. */
const goodbyeMs = 2000

/** Joins the caller with ports of a pod: as many connections as it asks for while it is there, each a stream of the pod's node. */
export async function connectPorts(
  call: Call,
  { admit }: Connection<{ readonly ports?: readonly number[] | undefined }>,
): Promise<ApiResponse> {
  const { api, info, request } = call
  mustBeAllowed(call)
  const { ports = [] } = await admit(call)
  const pod = podOf(api, info)
  const node = nodeOf(pod)
  const agreed = agreedOn(request, spoken)
  if (agreed.over === 'websocket' && agreed.protocol !== tunnelled) mustBeFew(ports)
  const podUid = pod.metadata.uid ?? ''
  return whileAllowed(call, refusalToJoin(call, pod), async (signal) => {
    // Who forwards ports of a pod that is not there hears so now, and not by each connection.
    const isThere = await openWithin(call, { node, request: { kind: 'forward', podUid }, signal })
    isThere.close()
    const open = async (port: number, gone: AbortSignal): Promise<NodeStream> => {
      const both = linkSignals(signal, gone)
      try {
        const stream = await openWithin(call, { node, request: { kind: 'forward', podUid, port }, signal: both.signal })
        stream.signal.addEventListener('abort', () => both[Symbol.dispose](), { once: true })
        return stream
      } catch (error) {
        both[Symbol.dispose]()
        throw error
      }
    }
    return {
      type: 'upgrade',
      status: 101,
      async serve(connection) {
        const running = new Set<Promise<void>>()
        const begin: Forward = (asked) => {
          const work = forward(named(asked, pod), open)
          running.add(work)
          return work.finally(() => running.delete(work))
        }
        const session = sessionOf({ call, connection, agreed, ports, forward: begin })
        await Promise.race([aborted(session.signal), aborted(signal)])
        await within(goodbyeMs, Promise.all(running).then(session.finish))
        connection.destroy()
      },
    }
  })
}

/** Who hears that one fails hears of which, in the words of Kubernetes' kubelet. */
const named = (connection: ForwardedConnection, { metadata: { name, uid } }: Pod): ForwardedConnection => ({
  ...connection,
  fail: (message) => connection.fail(`error forwarding port ${connection.port} to pod ${name}, uid ${uid}: ${message}`),
})

function mustBeFew(ports: readonly number[]): void {
  if (ports.length === 0) throw badRequest('query parameter "ports" is required: who speaks v4.channel.k8s.io names the ports at once')
  if (ports.length > maxPorts) throw badRequest(`one connection forwards ${maxPorts} ports at most, and not ${ports.length}`)
}

type Session = {
  readonly call: Call
  readonly connection: Duplex
  readonly agreed: Agreed
  readonly ports: readonly number[]
  readonly forward: Forward
}

function sessionOf({ call, connection, agreed, ports, forward }: Session): PortSession {
  const { over, protocol } = agreed
  if (over === 'spdy') {
    switchToSpdy(connection, agreed)
    return portStreams({ transport: connection, forward })
  }
  accept(call.request, connection, agreed)
  if (protocol === tunnelled) return portStreams({ transport: tunnelOf(connection), forward })
  return portSocket({ connection, protocol, ports, forward })
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const moment = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
  await Promise.race([work, moment]).finally(() => clearTimeout(timer))
}
