import { connect, isIP } from 'node:net'
import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { ServeNodeStream, StreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { currentSandbox, isRunning, type SeenPod } from '../observed/seen.ts'
import { connected } from './connected.ts'
import { joinSocket } from './join-socket.ts'

export type DialServerDeps = {
  /** What the runtime says of it now, whatever the API says. */
  readonly seen: (podUid: string, signal: AbortSignal) => Promise<SeenPod>
  readonly wanted: (podUid: string) => Pod | undefined
  readonly hostIP: () => string
  readonly nodeName: string
}

const connectMs = 10_000

/** Connects the hub to a port of a pod of this node, and to nothing else: objects in the API name addresses, and anybody may write those. */
export const createDialServer = (deps: DialServerDeps): ServeNodeStream<'dial'> =>
  async function serveDial(request, stream) {
    const refusal = await refusalOf(request, deps, stream.signal)
    if (refusal !== undefined) throw badRequest(refusal)
    const { address, port } = request
    const socket = connect({ host: address, port, noDelay: true, allowHalfOpen: true })
    socket.on('error', () => {}) // whoever waits for it is told
    try {
      await connected(socket, connectMs, stream.signal).catch((error: unknown) => {
        throw new ApiError('ServiceUnavailable', `dial tcp ${address}:${port}: ${messageOf(error)}`)
      })
      stream.accept()
      await joinSocket(socket, stream)
    } finally {
      socket.destroy()
    }
  }

async function refusalOf(request: StreamRequest<'dial'>, deps: DialServerDeps, signal: AbortSignal): Promise<string | undefined> {
  const { podUid, address, port } = request
  if (isIP(address) === 0 || !(Number.isInteger(port) && port > 0 && port < 65_536)) return `${address}:${port} is no address with a port`
  const seen = await deps.seen(podUid, signal)
  const sandbox = currentSandbox(seen)
  const wanted = deps.wanted(podUid)
  if (sandbox === undefined || wanted === undefined || !seen.containers.some(isRunning))
    return `no pod ${podUid} runs on node ${deps.nodeName}`
  if (sandbox.ips.includes(address)) return undefined
  // In the host's network everything of the host listens as well: only what the pod says that it listens at.
  if (wanted.spec.hostNetwork === true && address === deps.hostIP() && declares(wanted, port)) return undefined
  return `${address}:${port} is none of pod ${podUid} on node ${deps.nodeName}`
}

const declares = ({ spec }: Pod, port: number): boolean =>
  [...spec.containers, ...(spec.initContainers ?? [])].some(({ ports }) => ports?.some(({ containerPort }) => containerPort === port))
