import type { ApiRequest, ApiResponse, Caller } from '@bramble/shared/api/api-request.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { OpenNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { Audit } from './audit/audit.ts'
import type { AuditRecord } from './audit/record.ts'
import type { EventTexts } from './answers/event-texts.ts'
import type { TokenIssuer } from './authn/service-accounts/issuer.ts'
import type { Tokens } from './authn/tokens/tokens.ts'
import type { Authorizer } from './authz/authorizer.ts'
import type { AdmissionPlugin } from './admission/admission.ts'
import type { Dynamic } from './admission/dynamic.ts'
import type { KindIndex } from './discovery/kind-index.ts'
import type { Budget } from './fairness/budget.ts'
import type { Metrics } from './metrics.ts'
import type { Usages } from './metrics-api/usages.ts'
import type { News } from './news/news.ts'
import type { Pages } from './news/pages.ts'
import type { Registry } from './objects/registry.ts'
import type { Origin } from './objects/origin.ts'
import type { Conversions } from './ownership/converting.ts'
import type { Lines } from './fairness/one-at-a-time.ts'
import type { ReadVerb, ResourceRequest, WriteVerb } from './query/request-info.ts'
import type { Remote } from './remote/remote.ts'
import type { Rounds } from './news/rounds.ts'
import type { FieldValidation } from './query/write-query.ts'

/** What every verb may use. */
export type Api = {
  readonly registry: Registry
  /** Of its objects, for watches. */
  readonly texts: EventTexts
  /** Of what many follow who see the same of it. */
  readonly news?: News
  readonly pages?: Pages
  /** Asked in order, with the attributes of whatever is to be allowed. */
  readonly authorizers: readonly Authorizer[]
  /** Whose a token is, and who gives them. */
  readonly tokens: Tokens
  readonly issuer: TokenIssuer
  readonly kinds: KindIndex
  /** Between versions that somebody else converts, for who owns what. */
  readonly conversions: Conversions
  readonly admission: readonly AdmissionPlugin[]
  /** And those who were installed. */
  readonly dynamic: Dynamic
  /** Writes down what is asked for. */
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly budget: Budget
  /** For objects that many change at once. */
  readonly lines: Lines
  readonly random: () => number
  readonly uuid: () => string
  readonly openNodeStream: OpenNodeStream
  /** Servers of others that objects name. */
  readonly remote: Remote
  readonly usages: Usages
  /** How long a hub that lags behind others may take to come up to what a caller has seen elsewhere. */
  readonly mayLagMs: number
  /** In which a watch without changes says where it is. */
  readonly bookmarkRounds: Rounds
  /** How long a connection to a pod may outlive the right to it, and its pod. */
  readonly streamLookMs: number
  /** Events that may wait for a watcher that is slower than the changes; beyond that its watch is ended, and it resumes or lists again. */
  readonly watchQueue: number
}

/** One request about a resource, on its way through a verb. */
export type Asked = {
  readonly api: Api
  readonly request: ApiRequest
  readonly caller: Caller
  readonly info: ResourceRequest
  /** Shown to the user beside the answer. */
  readonly warn: (text: string) => void
  /** Takes notes about the request, where it is written down. */
  readonly note?: AuditRecord['note'] | undefined
}
/** One about objects of a kind. */
export type Call = Asked & { readonly kind: Kind }

/** What a write knows beside. */
export type Written = {
  readonly origin: Origin
  readonly fieldValidation: FieldValidation
  /** Of an apply: it may take what others own. */
  readonly isForced: boolean
}
export type WriteCall = Call & Written

/** Answers one verb. */
export type Verb<C extends Asked = Call> = (call: C) => Promise<ApiResponse>
/** Those of one resource or subresource. */
export type Verbs<C extends Asked = Call> = {
  readonly [V in ReadVerb]?: Verb<C>
} & { readonly [V in WriteVerb]?: Verb<C & Written> }

export const nowOf = ({ clock }: Api): Date => new Date(clock.now())
