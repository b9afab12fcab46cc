import { setMaxListeners } from 'node:events'
import { marked } from '@bramble/shared/discover.ts'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { Client, KubeObject, Resource } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { KindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Informer, InformerHandlers } from '../client/informer.ts'
import type { InformerSet } from '../client/informer-set.ts'
import type { Lister } from '../client/lister.ts'
import { createWorkQueue } from '../client/work-queue.ts'
import type { WorkQueue, WorkQueueStats } from '../client/work-queue.ts'
import type { OtherGroup } from './other-group.ts'
import { createRefusals, longestRetryOf, type Refusals } from './refusals.ts'

export type ControllerConfig = {
  readonly clusterCidr: string
  readonly serviceCidr: string
  /** Where nodes and pods reach this hub now: it may have none yet when it starts, and get another one later. */
  readonly hubAddresses: () => readonly string[]
  readonly hubPort: number
  /** By which the hub's certificate is known. */
  readonly rootCa: string
}

/** The cluster's own certificate authority, for requests that were approved. */
export type RequestAuthority = {
  signs(signerName: string): boolean
  /** PEM. Throws `Forbidden` for what the signer's rules do not allow, `Invalid` for what is no request. */
  sign(request: CertificateRequest): Promise<string>
  /** Whom such a certificate would name (its common name), for who has to decide whether there is to be one. Throws as `sign` does. */
  userIn(request: CertificateRequest): Promise<string>
}

export type CertificateRequest = {
  readonly csrPem: string
  readonly signerName: string
  readonly usages: readonly string[]
  readonly expirationSeconds?: number | undefined
}

/** The token of a service account that stands in a Secret. */
export type TokenFor = (wanted: {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly secret: string
}) => string

export type ControllerContext = {
  /** Speaks as a service account of kube-system. */
  readonly clientOf: (account: string) => Client
  readonly informers: InformerSet
  readonly recorder: EventRecorder
  readonly clock: Clock
  readonly log: Log
  /** Every kind that the server serves. */
  readonly kinds: KindSet
  /** What other servers answer for. */
  readonly remoteGroups: () => readonly OtherGroup[]
  readonly config: ControllerConfig
  /** Without one nothing is signed. */
  readonly authority?: RequestAuthority | undefined
  /** Without it none is given. */
  readonly tokenFor?: TokenFor | undefined
}

export type ControllerScope = Omit<ControllerContext, 'recorder' | 'clientOf'> & {
  /** Speaks as this controller, which may do what its role says. */
  readonly client: Client
  /** Speaks for this controller. */
  readonly recorder: Pick<EventRecorder, 'record'>
  /** Keys that are to be reconciled. */
  readonly queue: WorkQueue
  /** Hears of a resource's changes for as long as the controller runs. */
  readonly watch: <T extends KubeObject>(resource: Resource<T>, handlers?: InformerHandlers<T>) => Lister<T>
  /** Of which objects its keys are, so that their owners hear of writes that are refused. Without it nobody does. */
  readonly tellAbout: Refusals['tellAbout']
  /** Runs when the controller stops. */
  readonly onStop: (release: () => void) => void
}

/** Brings one key from what is seen to what is wanted. Throwing means: again, after a backoff. */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<void>

export type Controller = {
  readonly isController: true
  readonly name: string
  /** The service account in kube-system as which it acts; its role is among those that every cluster has (`authz/rbac/bootstrap`). */
  readonly account: string
  /** How many keys are reconciled at once. */
  readonly workers: number
  /** It follows the metadata of everything, and is set up last: what others follow whole it takes from them. */
  readonly followsAll?: boolean
  /** Called when leadership begins; whatever it keeps in memory is gone when leadership ends. */
  readonly setUp: (scope: ControllerScope) => Reconcile
}

export const defineController = ({ workers = 4, ...rest }: Omit<Controller, 'isController' | 'workers'> & { readonly workers?: number }) =>
  Object.freeze({ ...rest, workers, isController: true as const }) satisfies Controller

export const isController = marked<Controller>('isController')

/** `stats`: of what it has to do, from when it first leads. */
export type ControllerService = Service & { readonly stats: () => WorkQueueStats | undefined }

/** A controller as a service: from the first complete list of what it watches, and of nothing else, until the signal aborts. */
export function createControllerService({ name, account, workers, setUp }: Controller, context: ControllerContext): ControllerService {
  const log = context.log.with({ controller: name })
  let last: WorkQueue | undefined

  async function run(signal: AbortSignal): Promise<void> {
    // Every call in flight listens to it, and all controllers share it.
    setMaxListeners(0, signal)
    const releases: (() => void)[] = []
    const followed: Pick<Informer, 'synced'>[] = []
    const recorder = context.recorder.as(`${name}-controller`)
    const refusals = createRefusals(recorder)
    const queue = (last = createWorkQueue({
      clock: context.clock,
      workers,
      longestRetryOf,
      onError(key, error, failures) {
        refusals.failed(key, error)
        // Losing a race is how optimistic locking works; what stays wrong is told once, and again when it stays so for long.
        const isRace = isApiError(error, 'Conflict') || isApiError(error, 'NotFound') || isApiError(error, 'AlreadyExists')
        const level = failures === (isRace ? 6 : 1) || failures === 12 ? 'warn' : 'debug'
        log[level]({ key, failures, error: messageOf(error) }, 'reconcile failed, will retry')
      },
    }))
    const { clientOf, ...rest } = context
    const reconcile = setUp({
      ...rest,
      client: clientOf(account),
      log,
      recorder,
      queue,
      tellAbout: refusals.tellAbout,
      onStop: (release) => releases.push(release),
      watch(resource, handlers) {
        const informer = context.informers.for(resource)
        followed.push(informer)
        if (handlers !== undefined) releases.push(informer.addHandlers(handlers))
        return informer.lister
      },
    })
    try {
      await context.informers.whenSynced(signal, followed)
      await queue.run(async (key, signal) => {
        try {
          await reconcile(key, signal)
          refusals.done(key)
        } catch (error) {
          // What was to be made would be deleted with the rest; the deletions wake the key again.
          if (!isEnding(error)) throw error
          log.debug({ key }, 'the namespace is being deleted')
        }
      }, signal)
    } finally {
      for (const release of releases) release()
    }
  }

  return { name: `controller ${name}`, run, stats: () => last?.stats }
}

/** The namespace is on its way out, and with it what was to be written. */
const isEnding = (error: unknown): boolean =>
  isApiError(error, 'Forbidden') && (error.details.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false)
