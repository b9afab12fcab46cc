import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import { type ApiRequest, type ApiResponse, type Caller, changedRequest, type Handler } from '@bramble/shared/api/api-request.ts'
import { ForeignRefusal } from '@bramble/shared/api/foreign-refusal.ts'
import { auditIdOf } from './audit/audit-id.ts'
import { audited } from './audit/audited.ts'
import type { AuditRecord } from './audit/record.ts'
import { isAnonymous } from './authn/client-certificate.ts'
import { impersonated, isImpersonating } from './authn/impersonation.ts'
import { decide, forbidden } from './authz/authorizer.ts'
import type { Api } from './call.ts'
import { withoutOldWatch } from './query/old-watch.ts'
import { answerWithin, requestTimeoutMs } from './query/request-timeout.ts'
import { type RequestInfo, requestInfo } from './query/request-info.ts'
import { createSeries, type Series } from './request-series.ts'
import type { Match } from './routes/route.ts'
import type { Resolve } from './routes/resolve.ts'
import { inProtobuf } from './answers/protobuf/in-protobuf.ts'
import { wantedInJson } from './answers/protobuf/wanted.ts'
import { shapeOf, shaped } from './answers/shaped.ts'
import { failureResponse } from './answers/status.ts'

/** One request on its way through the chain. */
export type Exchange = {
  readonly id: string
  readonly request: ApiRequest
  readonly caller: Caller
  /** What is asked, in the words that authorizers and metrics compare. */
  readonly info: RequestInfo
  /** Where that leads. */
  readonly match: Match
  /** Where it is counted. */
  readonly series: Series
  readonly warnings: string[]
  /** Where it is written down; undefined when nothing of it is. */
  readonly record: AuditRecord | undefined
  /** The answer is put into protobuf in the end. */
  readonly isProtobuf: boolean
}

/**
 * One that only looks hands on what the next gives: a promise of its own would be some of every request's garbage. What comes after it is told of
 * another exchange only if it says so.
 */
export type Step = (exchange: Exchange, next: (changed?: Exchange) => Promise<ApiResponse>) => Promise<ApiResponse>

export type PipelineDeps = {
  readonly api: Api
  readonly resolve: Resolve
  /** What answers in the end. */
  readonly dispatch: (exchange: Exchange) => Promise<ApiResponse>
}

/** Every request goes down this array and its answer back up. Who the user is has been settled at the door. */
export function createPipeline({ api, resolve, dispatch }: PipelineDeps): Handler {
  const steps: readonly Step[] = [
    withWords,
    asWanted,
    measured(api),
    writtenDown,
    errorsAsStatus(api),
    inTime,
    authenticated,
    impersonating(api),
    authorized(api),
    limited(api),
  ]
  const seriesOf = createSeries(api.metrics)
  return async (asked, caller) => {
    const request = withoutOldWatch(asked)
    const info = requestInfo(request.method, request.path, request.query)
    const match = resolve(info, request.path, request.otherMethod)
    const id = auditIdOf(request.headers) ?? api.uuid()
    const accept = wantedInJson(request.headers['accept'], match)
    const record = api.audit.begin({ id, request, info }, caller)
    const heard = record === undefined || request.body === undefined ? request : changedRequest(request, { onBody: record.wrote })
    const inside = accept === undefined ? heard : changedRequest(heard, { headers: { ...request.headers, accept } })
    const series = seriesOf(info, match, request.query.has('dryRun'))
    const exchange: Exchange = { id, request: inside, caller, info, match, series, warnings: [], record, isProtobuf: accept !== undefined }
    const run = (index: number, now: Exchange): Promise<ApiResponse> => {
      const step = steps[index]
      return step === undefined ? dispatch(now) : step(now, (changed = now) => run(index + 1, changed))
    }
    return run(0, exchange)
  }
}

/** More would be dropped by clients, and a header has a size. */
const maxWarnings = 20

/** By which name it finds its request in our log, and what it should know beside the answer. */
const withWords: Step = async ({ id, warnings, series }, next) => {
  const response = await next()
  const headers = { ...response.headers, 'audit-id': id }
  const { sizes } = series
  const told = { ...response, headers: warnings.length === 0 ? headers : { ...headers, warning: warningOf(warnings) } }
  return sizes === undefined ? told : { ...told, sizes: sizes() }
}

const warningOf = (warnings: readonly string[]): string =>
  warnings
    .slice(0, maxWarnings)
    .map(
      (text) =>
        `299 - "${text
          .slice(0, 300)
          .replace(/[\\"]/g, '\\$&')
          .replace(/[^\x20-\x7e]/g, '?')}"`,
    )
    .join(', ')

/** Whatever it is, refusals as well; what others answer is as they like. */
const asWanted: Step = ({ request, match, isProtobuf }, next) => {
  if (match.type === 'remote' || (match.type === 'action' && match.route.carries)) return next()
  if (isProtobuf && match.type === 'action') return next().then((answer) => inProtobuf(answer, match.route.speaks))
  const shape = shapeOf(request)
  return shape === undefined ? next() : next().then((answer) => shaped(shape, answer))
}

const measured =
  ({ clock }: Api): Step =>
  async ({ series }, next) => {
    const from = clock.monotonic()
    const response = await next()
    series.answered(response.status).count++
    if (response.type === 'object' || response.type === 'raw') series.took().observe((clock.monotonic() - from) / 1000)
    return response
  }

/** Refusals as well; in JSON, whatever its reader gets. */
const writtenDown: Step = ({ record, match }, next) => (record === undefined ? next() : audited(record, isLong(match), next))

/** Whatever goes wrong below becomes an answer here, so that a handler never throws. */
const errorsAsStatus =
  ({ log }: Api): Step =>
  async ({ request, caller: { user }, id, record }, next) => {
    try {
      return await next()
    } catch (error) {
      if (!isApiError(error)) record?.failed(error)
      if (!isApiError(error) || (error.reason === 'InternalError' && !(error instanceof ForeignRefusal)))
        log.error({ id, user: user.name, method: request.method, path: request.path, error }, 'request failed')
      return failureResponse(error)
    }
  }

/** What goes on for as long as its caller likes ends otherwise. */
const inTime: Step = (exchange, next) => {
  const { request, match } = exchange
  if (!request.query.has('timeout') || isLong(match)) return next()
  const ms = requestTimeoutMs(request.query)
  return ms === undefined ? next() : answerWithin(ms, request, (bounded) => next({ ...exchange, request: bounded }))
}

const isLong = (match: Match): boolean => (match.type === 'action' ? match.action.isLong : match.type === 'remote' && match.isLong)

const isOpen = ({ match, request: { path, method, otherMethod = 'HEAD' } }: Exchange): boolean =>
  match.type === 'path' && match.path.openAt?.test(path) === true && method === 'GET' && otherMethod === 'HEAD'

const authenticated: Step = (exchange, next) => {
  if (isAnonymous(exchange.caller.user) && !isOpen(exchange)) throw new ApiError('Unauthorized', 'Unauthorized')
  return next()
}

/** From here on he is whom he wants to be taken for, if he may be; his limits stay his own. */
const impersonating =
  ({ authorizers }: Api): Step =>
  (exchange, next) => {
    const { caller, request } = exchange
    if (!isImpersonating(request.headers)) return next()
    const user = impersonated(request.headers, caller.user, authorizers)
    if (user === undefined) return next()
    exchange.record?.impersonated(user)
    return next({ ...exchange, caller: { ...caller, user, impersonatedBy: caller.user } })
  }

const authorized =
  ({ authorizers }: Api): Step =>
  (exchange, next) => {
    if (isOpen(exchange)) return next()
    const { caller, info } = exchange
    const attributes = { user: caller.user, info }
    const decision = decide(authorizers, attributes)
    exchange.record?.decided(decision)
    if (decision.type !== 'allow') throw forbidden(attributes, decision.reason ?? '')
    return next()
  }

/**
 * What each may ask at once, and in turns. Watches and streams hold no place, they only wait; how many there may be is settled where
 * they are opened.
 */
const limited = ({ metrics, budget }: Api): Step => {
  const reading = metrics.inFlight.of({ request_kind: 'readOnly' })
  const changing = metrics.inFlight.of({ request_kind: 'mutating' })
  return async ({ caller: { account }, match, request }, next) => {
    const waits = isLong(match)
    let leave: (() => void) | undefined
    try {
      if (waits) budget.knock(account)
      else {
        const place = budget.waitToEnter(account, request)
        leave = place instanceof Promise ? await place : place
      }
    } catch (refusal) {
      metrics.rejected.add({ reason: 'too-many-in-flight' })
      throw refusal
    }
    const inFlight = request.method === 'GET' ? reading : changing
    if (!waits) inFlight.count++
    try {
      const turn = budget.turn(account)
      if (turn !== undefined) await turn
      return await next()
    } finally {
      leave?.()
      if (!waits) inFlight.count--
    }
  }
}
