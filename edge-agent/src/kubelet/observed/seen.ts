/** What the container runtime says of one pod: the seen side of the kubelet's loop. Times are epoch milliseconds, 0 when unknown; they are for telling. */
export type SeenPod = {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  /** Newest first. */
  readonly sandboxes: readonly SeenSandbox[]
  /** Newest first. */
  readonly containers: readonly SeenContainer[]
}

export type SeenSandbox = {
  readonly id: string
  readonly attempt: number
  readonly isReady: boolean
  readonly createdAt: number
  /** Empty for a pod in the host's network. */
  readonly ips: readonly string[]
}

export type SeenContainer = {
  readonly id: string
  readonly sandboxId: string
  readonly name: string
  readonly state: 'created' | 'running' | 'exited' | 'unknown'
  readonly restartCount: number
  readonly hash: string
  readonly createdAt: number
  readonly startedAt: number
  readonly finishedAt: number
  /** Monotonic: when this agent first saw that it had ended. What waits after an end counts from here, because the wall clock may be set. */
  readonly endedAt: number
  readonly exitCode: number
  readonly reason: string
  /** The termination message, or the runtime's own words. */
  readonly message: string
  readonly image: string
  readonly imageRef: string
  /** From the annotations it was made with; what ends a pod whose spec is gone. */
  readonly graceSeconds: number
  readonly preStop: string
}

export const nothingSeen = (uid: string, namespace: string, name: string): SeenPod => ({
  uid,
  namespace,
  name,
  sandboxes: [],
  containers: [],
})

/** The newest container of that name. */
export const latest = (seen: SeenPod, name: string): SeenContainer | undefined =>
  seen.containers.find((container) => container.name === name)

/** The sandbox in which containers may run now. */
export const currentSandbox = (seen: SeenPod): SeenSandbox | undefined => (seen.sandboxes[0]?.isReady ? seen.sandboxes[0] : undefined)

export const isRunning = (container: SeenContainer): boolean => container.state === 'running'
