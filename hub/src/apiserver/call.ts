import type { ApiRequest, ApiResponse, Caller } from '@bramble/shared/api/api-request.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { OpenNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { AdmissionPlugin } from './admission/admission.ts'
import type { Budget } from './fairness/budget.ts'
import type { KindIndex } from './discovery/kind-index.ts'
import type { Metrics } from './metrics.ts'
import type { Registry } from './objects/registry.ts'
import type { ResourceRequest } from './query/request-info.ts'

/** What every verb may use. */
export type Api = {
  readonly registry: Registry
  readonly kinds: KindIndex
  readonly admission: readonly AdmissionPlugin[]
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly budget: Budget
  readonly random: () => number
  readonly uuid: () => string
  readonly openNodeStream: OpenNodeStream
  /** How long a hub that lags behind others may take to come up to what a caller has seen elsewhere. */
  readonly mayLagMs: number
  /** How often a watch without changes says where it is. */
  readonly bookmarkMs: number
  /** Events that may wait for a watcher that is slower than the changes; beyond that its watch is ended, and it resumes or lists again. */
  readonly watchQueue: number
}

/** One request about a resource, on its way through a verb. */
export type Call = {
  readonly api: Api
  readonly request: ApiRequest
  readonly caller: Caller
  readonly info: ResourceRequest
  readonly kind: Kind
  /** Shown to the user beside the answer. */
  readonly warn: (text: string) => void
}

export type Verb = (call: Call) => Promise<ApiResponse>

export const nowOf = ({ clock }: Api): Date => new Date(clock.now())
