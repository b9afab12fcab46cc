import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { StreamServers } from '@bramble/shared/streams/node-stream.ts'
import type { Cri } from '../cri/cri.ts'
import { createAttachServer } from './commands/attach-server.ts'
import { createExecServer } from './commands/exec-server.ts'
import { findRunning } from './commands/running-container.ts'
import { createDialServer } from './dialling/dial-server.ts'
import { createForwardServer } from './forwarding/forward-server.ts'
import type { Helpers } from './forwarding/helpers.ts'
import { createLogServer } from './logs/log-server.ts'
import type { SeenPod } from './observed/seen.ts'
import { allStatuses } from './status/container-status.ts'

export type StreamServersDeps = {
  readonly cri: Cri
  /** Marks what is ours on the runtime. */
  readonly instance: string
  readonly nodeName: string
  readonly hostIP: () => string
  /** What the runtime says of a pod now. */
  readonly seen: (podUid: string, signal: AbortSignal) => Promise<SeenPod>
  readonly wanted: (podUid: string) => Pod | undefined
  /** The uid by which the pod runs here, which for one that the hub knows by a mirror is another. */
  readonly uidHere?: (podUid: string) => string
  /** What connects inside of pods' networks. */
  readonly helpers: Helpers
}

export type PodStreamServers = Required<Pick<StreamServers, 'logs' | 'dial' | 'exec' | 'attach' | 'forward'>>

/** What the hub may ask of a pod of this node. */
export function createStreamServers({
  cri,
  instance,
  nodeName,
  hostIP,
  seen,
  wanted,
  uidHere = (uid) => uid,
  helpers,
}: StreamServersDeps): PodStreamServers {
  const running = findRunning({ cri, instance })
  const here =
    <P extends { readonly podUid: string }, R extends readonly unknown[], A>(serve: (asked: P, ...rest: R) => A) =>
    (asked: P, ...rest: R): A =>
      serve({ ...asked, podUid: uidHere(asked.podUid) }, ...rest)
  const servers: PodStreamServers = {
    logs: createLogServer({
      ...{ cri, instance, nodeName },
      waitingReason(uid, container) {
        return allStatuses(wanted(uid)?.status).find(({ name }) => name === container)?.state?.waiting?.reason
      },
    }),
    dial: createDialServer({ seen, wanted, hostIP, nodeName }),
    exec: createExecServer(cri, running),
    attach: createAttachServer(cri, running),
    forward: createForwardServer({ cri, instance, nodeName, helpers }),
  }
  const { logs, dial, exec, attach, forward } = servers
  return { logs: here(logs), dial: here(dial), exec: here(exec), attach: here(attach), forward: here(forward) }
}
