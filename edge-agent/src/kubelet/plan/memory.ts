/** What the agent remembers of one pod between two plans; all of it may be lost without harm, only some waiting starts over. Times are monotonic. */
export type PodMemory = {
  /** Back-off of containers that ended, by name. */
  readonly crashes: ReadonlyMap<string, CrashBackoff>
  /** Why a container could not be started, by name. */
  readonly failures: ReadonlyMap<string, StartFailure>
  /** Images of containers with which somebody looks into the pod, by the container's name, until that starts. */
  readonly fetches: ReadonlyMap<string, Fetch>
  readonly sandboxFailure?: Retry
  readonly volumes: VolumesState
  readonly probes: ReadonlyMap<string, ProbeState>
  /** Nothing of the pod is left on this node. */
  readonly isCleaned: boolean
  /** The API was told so. */
  readonly isConfirmed: boolean
}

export type Fetch = { readonly tag: 'underWay' } | { readonly tag: 'here'; readonly imageId: string }
export type CrashBackoff = { readonly delayMs: number; readonly updatedAt: number }
export type Retry = { readonly message: string; readonly failedAt: number; readonly retryAt: number; readonly delayMs: number }
/** `reason` is the one of the waiting container: ErrImagePull, CreateContainerConfigError, RunContainerError … */
export type StartFailure = Retry & { readonly reason: string; readonly image: string }
export type VolumesState =
  | { readonly tag: 'none' }
  /** Host path by volume name. */
  | { readonly tag: 'mounted'; readonly paths: ReadonlyMap<string, string> }
  | ({ readonly tag: 'failed'; readonly isTold?: boolean } & Retry)
/** What the probes of a running container say, by container id. */
export type ProbeState = {
  readonly isStarted: boolean
  readonly isReady: boolean
  readonly unhealthy?: { readonly probe: 'liveness' | 'startup'; readonly graceSeconds?: number }
}

export const emptyMemory = (): PodMemory => ({
  crashes: new Map(),
  failures: new Map(),
  fetches: new Map(),
  volumes: { tag: 'none' },
  probes: new Map(),
  isCleaned: false,
  isConfirmed: false,
})

const crashFirstMs = 10_000
const crashMaxMs = 300_000
// Kubernetes forgets after twice the longest delay, 10 min.
const crashForgetMs = 2 * crashMaxMs

/** Until when a container that ended at `endedAt` is kept waiting; undefined when it may start now. */
export function crashWaitUntil(backoff: CrashBackoff | undefined, endedAt: number, now: number): number | undefined {
  if (!backoff || endedAt - backoff.updatedAt > crashForgetMs) return undefined
  const until = endedAt + backoff.delayMs
  return until > now ? until : undefined
}

/** Until when to leave a failure alone; undefined when it may be tried again. */
export const retryWaitUntil = (retry: Retry | undefined, now: number): number | undefined =>
  !retry || retry.retryAt <= now ? undefined : retry.retryAt

/** The back-off to remember when a container that ended at `endedAt` is started again. */
export function nextCrashBackoff(backoff: CrashBackoff | undefined, endedAt: number, now: number): CrashBackoff {
  const isFresh = !backoff || endedAt - backoff.updatedAt > crashForgetMs
  return { delayMs: isFresh ? crashFirstMs : Math.min(crashMaxMs, backoff.delayMs * 2), updatedAt: now }
}

/** Growing retry: the n-th failure in a row waits twice as long as the one before. */
export function nextRetry(
  previous: Retry | undefined,
  { message, now, firstMs, maxMs }: { message: string; now: number; firstMs: number; maxMs: number },
): Retry {
  const delayMs = previous ? Math.min(maxMs, previous.delayMs * 2) : firstMs
  return { message, failedAt: now, retryAt: now + delayMs, delayMs }
}

/** The map with one entry set, or removed when the value is undefined; the map given stays as it is. */
export function withEntry<V>(map: ReadonlyMap<string, V>, key: string, value: V | undefined): ReadonlyMap<string, V> {
  const copy = new Map(map)
  if (value === undefined) copy.delete(key)
  else copy.set(key, value)
  return copy
}
