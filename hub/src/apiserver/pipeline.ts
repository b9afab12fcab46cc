import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, ApiResponse, Caller, Handler } from '@bramble/shared/api/api-request.ts'
import { isAnonymous } from './authn/client-certificate.ts'
import { decide, forbidden } from './authz/authorizer.ts'
import type { Api } from './call.ts'
import type { RequestLabel } from './metrics.ts'
import { withoutOldWatch } from './query/old-watch.ts'
import { type RequestInfo, type RequestVerb, requestInfo } from './query/request-info.ts'
import type { Match } from './routes/route.ts'
import type { Resolve } from './routes/resolve.ts'
import { inProtobuf } from './answers/protobuf/in-protobuf.ts'
import { wantedInJson } from './answers/protobuf/wanted.ts'
import { shaped } from './answers/shaped.ts'
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

export type Step = (exchange: Exchange, next: () => Promise<ApiResponse>) => Promise<ApiResponse>

export type PipelineDeps = {
  readonly api: Api
  readonly resolve: Resolve
  /** What answers in the end. */
  readonly dispatch: (exchange: Exchange) => Promise<ApiResponse>
}

/** Every request goes down this array and its answer back up. Who the user is has been settled at the door. */
export function createPipeline({ api, resolve, dispatch }: PipelineDeps): Handler {
  const steps: readonly Step[] = [
    auditId,
    warnings,
    asWanted,
    measured(api),
    errorsAsStatus(api),
    authenticated,
    asOneself,
    authorized(api),
    limited(api),
  ]
  return async (asked, caller) => {
    const request = withoutOldWatch(asked)
    const info = requestInfo(request.method, request.path, request.query)
    const match = resolve(info, request.path, request.isHead)
    const id = givenId(request.headers['audit-id']) ?? api.uuid()
    const accept = wantedInJson(request.headers['accept'], match)
    const inside = accept === undefined ? request : { ...request, headers: { ...request.headers, accept } }
    const exchange: Exchange = { id, request: inside, caller, info, match, warnings: [], isProtobuf: accept !== undefined }
    const run = (index: number): Promise<ApiResponse> => {
      const step = steps[index]
      return step === undefined ? dispatch(exchange) : step(exchange, () => run(index + 1))
    }
    return run(0)
  }
}

/** A client may name its request, so that it finds it in our log. */
const givenId = (id: string | undefined): string | undefined => (id !== undefined && /^[-\w]{1,64}$/.test(id) ? id : undefined)

const withHeaders = (response: ApiResponse, headers: Readonly<Record<string, string>>): ApiResponse => ({
  ...response,
  headers: { ...response.headers, ...headers },
})

const auditId: Step = async ({ id }, next) => withHeaders(await next(), { 'audit-id': id })

/** More would be dropped by clients, and a header has a size. */
const maxWarnings = 20

const warnings: Step = async ({ warnings }, next) => {
  const response = await next()
  if (warnings.length === 0) return response
  const lines = warnings.slice(0, maxWarnings).map(
    (text) =>
      `299 - "${text
        .slice(0, 300)
        .replace(/[\\"]/g, '\\$&')
        .replace(/[^\x20-\x7e]/g, '?')}"`,
  )
  return withHeaders(response, { warning: lines.join(', ') })
}

/** Whatever it is, refusals as well; what others answer is as they like. */
const asWanted: Step = async ({ request, match, isProtobuf }, next) => {
  if (match.type === 'remote') return next()
  if (isProtobuf && match.type === 'action') return inProtobuf(await next(), match.route.speaks)
  return shaped(request, await next())
}

const measured =
  ({ metrics, clock }: Api): Step =>
  async ({ info, match, request }, next) => {
    const labels = labelsOf(info, match, request.query.has('dryRun'))
    const from = clock.monotonic()
    const response = await next()
    metrics.requests.add({ ...labels, code: String(response.status) })
    if (response.type === 'object' || response.type === 'raw') metrics.seconds.observe(labels, (clock.monotonic() - from) / 1000)
    return response
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

const isOpen = ({ match, request: { method } }: Exchange): boolean =>
  match.type === 'path' && match.path.isOpen === true && method === 'GET'

const authenticated: Step = async (exchange, next) => {
  if (isAnonymous(exchange.caller.user) && !isOpen(exchange)) throw new ApiError('Unauthorized', 'Unauthorized')
  return next()
}

/** Acting as somebody else (`kubectl --as`) comes with roles. Until then it is refused: to ignore it would give more than was asked for. */
const asOneself: Step = async ({ caller: { user }, request: { headers } }, next) => {
  const header = Object.keys(headers).find((name) => name.startsWith('impersonate-'))
  if (header !== undefined)
    throw new ApiError(
      'Forbidden',
      `users ${JSON.stringify(headers['impersonate-user'] ?? '')} is forbidden: User ${JSON.stringify(user.name)} cannot impersonate resource "users" in API group "" at the cluster scope: impersonation is not served by this version`,
    )
  return next()
}

const authorized =
  ({ authorizers }: Api): Step =>
  async (exchange, next) => {
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
const limited =
  ({ metrics, budget }: Api): Step =>
  async ({ caller: { account }, match, request }, next) => {
    const isLong = match.type === 'action' ? match.action.isLong : match.type === 'remote' && match.isLong
    const leave = await counted(metrics, async () => (isLong ? budget.knock(account) : budget.waitToEnter(account, request)))
    const kind = { request_kind: request.method === 'GET' ? 'readOnly' : 'mutating' }
    if (!isLong) metrics.inFlight.add(kind, 1)
    try {
      const turn = budget.turn(account)
      if (turn !== undefined) await turn
      return await next()
    } finally {
      leave?.()
      if (!isLong) metrics.inFlight.add(kind, -1)
    }
  }

async function counted<T>(metrics: Api['metrics'], ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (refusal) {
    metrics.rejected.add({ reason: 'too-many-in-flight' })
    throw refusal
  }
}
