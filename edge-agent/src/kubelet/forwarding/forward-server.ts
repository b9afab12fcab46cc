import type { Socket } from 'node:net'
import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { ServeNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { Cri, PodSandbox, SandboxNetwork } from '../../cri/cri.ts'
import { joinSocket } from '../dialling/join-socket.ts'
import { instanceLabel, podUidLabel } from '../observed/labels.ts'
import type { Helpers } from './helpers.ts'
import { connectLocalhost } from './localhost.ts'

export type ForwardServerDeps = {
  readonly cri: Pick<Cri, 'listPodSandboxes' | 'podSandboxNetwork'>
  /** Marks what is ours on the runtime. */
  readonly instance: string
  readonly nodeName: string
  readonly helpers: Pick<Helpers, 'connect'>
}

/**
 * Connects the hub to a port inside of the network of a pod, whatever address of it listens: `localhost` is that of the pod. A pod in the machine's network has
 * the machine's, as with Kubernetes' kubelet: who may forward ports of such a pod reaches what listens there.
 */
export const createForwardServer = (deps: ForwardServerDeps): ServeNodeStream<'forward'> =>
  async function serveForward({ podUid, port }, stream) {
    const network = await networkOf(podUid, deps, stream.signal)
    if (port === undefined) return
    if (!(Number.isInteger(port) && port > 0 && port < 65_536)) throw badRequest(`${port} is no port`)
    const socket = await connect(network, port, deps, stream.signal)
    try {
      stream.accept()
      await joinSocket(socket, stream).catch((error: unknown) => {
        throw new ApiError('ServiceUnavailable', `the connection to port ${port} broke: ${messageOf(error)}`)
      })
    } finally {
      socket.destroy()
    }
  }

type Reachable = Exclude<SandboxNetwork, { readonly of: 'nobody knows' }>

async function networkOf(podUid: string, { cri, instance, nodeName }: ForwardServerDeps, signal: AbortSignal): Promise<Reachable> {
  const labels = { [instanceLabel]: instance, [podUidLabel]: podUid }
  const sandbox = newest(await cri.listPodSandboxes({ labels }, { signal }))
  const network = sandbox?.state === 'SANDBOX_READY' ? await cri.podSandboxNetwork(sandbox.id, { signal }) : undefined
  if (network === undefined) throw badRequest(`no pod ${podUid} runs on node ${nodeName}`)
  if (network.of !== 'nobody knows') return network
  throw new ApiError('InternalError', `the container runtime of node ${nodeName} does not say in which network pod ${podUid} is`)
}

const newest = (sandboxes: readonly PodSandbox[]): PodSandbox | undefined =>
  sandboxes.reduce<PodSandbox | undefined>((best, each) => (best !== undefined && isNewer(best, each) ? best : each), undefined)

const isNewer = (a: PodSandbox, b: PodSandbox): boolean =>
  (a.metadata?.attempt ?? 0) - (b.metadata?.attempt ?? 0) > 0 ||
  (a.metadata?.attempt === b.metadata?.attempt && BigInt(a.createdAt) > BigInt(b.createdAt))

async function connect(network: Reachable, port: number, { helpers }: ForwardServerDeps, signal: AbortSignal): Promise<Socket> {
  try {
    return network.of === 'host' ? await connectLocalhost(port, signal) : await helpers.connect(network.file, port, signal)
  } catch (error) {
    throw new ApiError('ServiceUnavailable', messageOf(error))
  }
}
