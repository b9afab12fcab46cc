import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, ApiResponse, Caller, Handler } from '@bramble/shared/api/api-request.ts'
import { isAnonymous } from './authn/client-certificate.ts'
import { decide, forbidden } from './authz/authorizer.ts'
import type { Api } from './call.ts'
import type { Count, Observed, RequestLabel } from './metrics.ts'
import { withoutOldWatch } from './query/old-watch.ts'
import { answerWithin, requestTimeoutMs } from './query/request-timeout.ts'
import { type RequestInfo, type RequestVerb, requestInfo } from './query/request-info.ts'
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
  readonly warnings: string[]
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
    errorsAsStatus(api),
    inTime,
    authenticated,
    asOneself,
    authorized(api),
    limited(api),
  ]
  return async (asked, caller) => {
    const request = withoutOldWatch(asked)
    const info = requestInfo(request.method, request.path, request.query)
    const match = resolve(info, request.path, request.otherMethod)
    const id = givenId(request.headers['audit-id']) ?? api.uuid()
    const accept = wantedInJson(request.headers['accept'], match)
    const inside = accept === undefined ? request : { ...request, headers: { ...request.headers, accept } }
    const exchange: Exchange = { id, request: inside, caller, info, match, warnings: [], isProtobuf: accept !== undefined }
    const run = (index: number, now: Exchange): Promise<ApiResponse> => {
      const step = steps[index]
      return step === undefined ? dispatch(now) : step(now, (changed = now) => run(index + 1, changed))
    }
    return run(0, exchange)
  }
}

/** A client may name its request, so that it finds it in our log. */
const givenId = (id: string | undefined): string | undefined => (id !== undefined && /^[-\w]{1,64}$/.test(id) ? id : undefined)

/** More would be dropped by clients, and a header has a size. */
const maxWarnings = 20

/** By which name it finds its request in our log, and what it should know beside the answer. */
const withWords: Step = async ({ id, warnings }, next) => {
  const response = await next()
  const headers = { ...response.headers, 'audit-id': id }
  return { ...response, headers: warnings.length === 0 ? headers : { ...headers, warning: warningOf(warnings) } }
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
  if (match.type === 'remote') return next()
  if (isProtobuf && match.type === 'action') return next().then((answer) => inProtobuf(answer, match.route.speaks))
  const shape = shapeOf(request)
  return shape === undefined ? next() : next().then((answer) => shaped(shape, answer))
}

const measured = ({ metrics, clock }: Api): Step => {
  const seriesOf = createSeries(metrics)
  return async ({ info, match, request }, next) => {
    const from = clock.monotonic()
    const response = await next()
    const series = seriesOf(info, match, request.query.has('dryRun'))
    series.answered(response.status).count++
    if (response.type === 'object' || response.type === 'raw') series.took().observe((clock.monotonic() - from) / 1000)
    return response
  }
}

type Series = { answered(status: number): Count; took(): Observed }

/** Where requests are counted. Of those that lead to a route that is found once for each way to ask, as the text of its labels is long. */
function createSeries({ requests, seconds }: Api['metrics']) {
  const ofRoutes = new WeakMap<object, Map<string, Series>>()
  const create = (labels: Readonly<Record<RequestLabel, string>>): Series => {
    const byStatus = new Map<number, Count>()
    let observed: Observed | undefined
    return {
      answered(status) {
        let one = byStatus.get(status)
        if (one === undefined) byStatus.set(status, (one = requests.of({ ...labels, code: String(status) })))
        return one
      },
      took: () => (observed ??= seconds.of(labels)),
    }
  }
  return (info: RequestInfo, match: Match, isDry: boolean): Series => {
    if (info.type === 'path' || match.type !== 'action') return create(labelsOf(info, match, isDry))
    let known = ofRoutes.get(match.route)
    if (known === undefined) ofRoutes.set(match.route, (known = new Map()))
    const way = `${info.verb} ${isDry} ${info.name !== undefined} ${info.namespace !== undefined}`
    let one = known.get(way)
    if (one === undefined) known.set(way, (one = create(labelsOf(info, match, isDry))))
    return one
  }
}

/** Names that nobody serves must not become labels: anybody can think of more of them. */
function labelsOf(info: RequestInfo, match: Match, isDry: boolean): Readonly<Record<RequestLabel, string>> {
  const component = 'apiserver'
  const dry_run = isDry ? 'All' : ''
  const nothing = { dry_run, group: '', version: '', subresource: '', scope: '', component }
  if (info.type === 'path') return { verb: info.verb.toUpperCase(), resource: '', ...nothing }
  const verb = methodWords[info.verb]
  if (match.type === 'path' || match.type === 'remote' || match.route === undefined) return { verb, resource: 'other', ...nothing }
  const { group, version, resource, subresource = '', namespaced } = match.route
  const scope = info.name !== undefined ? 'resource' : namespaced && info.namespace !== undefined ? 'namespace' : 'cluster'
  return { verb, dry_run, resource, group, version, subresource, scope, component }
}

const methodWords: Readonly<Record<RequestVerb, string>> = {
  ...{ get: 'GET', list: 'LIST', watch: 'WATCH', create: 'POST', update: 'PUT', patch: 'PATCH' },
  ...{ delete: 'DELETE', deletecollection: 'DELETECOLLECTION' },
}

/** Whatever goes wrong below becomes an answer here, so that a handler never throws. */
const errorsAsStatus =
  ({ log }: Api): Step =>
  async ({ request, caller: { user }, id }, next) => {
    try {
      return await next()
    } catch (error) {
      if (!isApiError(error) || error.reason === 'InternalError')
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

const isOpen = ({ match, request: { method, otherMethod = 'HEAD' } }: Exchange): boolean =>
  match.type === 'path' && match.path.isOpen === true && method === 'GET' && otherMethod === 'HEAD'

const authenticated: Step = (exchange, next) => {
  if (isAnonymous(exchange.caller.user) && !isOpen(exchange)) throw new ApiError('Unauthorized', 'Unauthorized')
  return next()
}

function isImpersonating(headers: ApiRequest['headers']): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true
  return false
}

/** Acting as somebody else (`kubectl --as`) comes with roles. Until then it is refused: to ignore it would give more than was asked for. */
const asOneself: Step = ({ caller: { user }, request: { headers } }, next) => {
  if (isImpersonating(headers))
    throw new ApiError(
      'Forbidden',
      `users ${JSON.stringify(headers['impersonate-user'] ?? '')} is forbidden: User ${JSON.stringify(user.name)} cannot impersonate resource "users" in API group "" at the cluster scope: impersonation is not served by this version`,
    )
  return next()
}

const authorized =
  ({ authorizers }: Api): Step =>
  (exchange, next) => {
    if (isOpen(exchange)) return next()
    const { caller, info } = exchange
    const attributes = { user: caller.user, info }
    const decision = decide(authorizers, attributes)
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
