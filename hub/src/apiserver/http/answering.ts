import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, ApiResponse, Handler } from '@bramble/shared/api/api-request.ts'
import type { Duplex } from 'node:stream'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { turnedAway } from '../audit/at-door.ts'
import type { Audit } from '../audit/audit.ts'
import { failureResponse } from '../answers/status.ts'
import type { Budget } from '../fairness/budget.ts'
import { type BodyBudget, isLeftUnread } from './body.ts'
import { endWithAnswer, hangUp, type Hearing } from './hearing.ts'
import type { Asker } from './asker.ts'
import { Incoming } from './incoming.ts'
import { letGo } from './upgrading.ts'
import { apiRequest, pathOnly } from './request.ts'
import { wholeAnswer, writeResponse } from './response.ts'

export type Served = {
  readonly request: Http2ServerRequest
  readonly response: Http2ServerResponse
  readonly asker: Asker
  readonly gone: AbortController
  /** The connection, of a request that offers to speak another protocol over it. */
  readonly connection?: Duplex | undefined
  /** Called when its answer goes on for as long as its caller likes. */
  readonly onEndless: () => void
}

export type AnsweringDeps = {
  readonly handle: Handler
  readonly hearing: Hearing
  readonly budget: Budget
  readonly maxBodyBytes: number
  /** What is in hand is finished, and nothing else is begun. */
  readonly isStopping: () => boolean
  /** Hears of whom is not let in. */
  readonly audit: Pick<Audit, 'begin' | 'beginUnknown'>
}

/** Takes one request from its first byte to the last of its answer, within what its asker may use of the hub's memory. */
export function createAnswering({
  handle,
  hearing,
  budget,
  maxBodyBytes,
  isStopping,
  audit,
}: AnsweringDeps): (served: Served) => Promise<void> {
  /** A controller makes its signal when it is first asked for one, which only watches and streams do: it is handed on unasked. */
  async function serve({ request, response, asker, gone, connection, onEndless }: Served): Promise<void> {
    const onClose = () => gone.abort(new Error('the client went away'))
    response.on('close', onClose)
    // Writing to a reader that has just gone is an event that would end the process if nobody took it.
    response.on('error', onClose)
    // Of a stranger's HTTP/1.1 connection nothing is kept alive.
    if (request.httpVersionMajor === 1 && (asker.isStranger || isStopping())) response.setHeader('connection', 'close')
    try {
      const answer = await held(await answerTo({ request, asker, gone, connection }), { request, response, asker, gone })
      if (answer !== undefined && isEndless(answer)) onEndless()
      if (answer?.type === 'upgrade' && connection !== undefined) {
        letGo(response, connection)
        connection.once('close', onClose)
        return await answer.serve(connection)
      }
      // Of a write nobody may say that it was refused when it is done: who reads no answers does not get this one.
      if (answer === undefined) return hangUp(request)
      if (answer.status === 429 && !isStopping() && !(await hearing.refuses(asker, gone.signal))) return hangUp(request)
      if (isLeftUnread(request)) endWithAnswer(request, response)
      await writeResponse(answer, request, response, gone)
    } catch (error) {
      // What was opened for it, in whatever room, ends with it: nobody closes it any more.
      gone.abort(error)
      throw error
    } finally {
      response.off('close', onClose)
    }
  }

  /** The answer with room for its bytes until its reader has them: some read nothing, and what they asked for stands in memory. */
  async function held(
    answer: ApiResponse,
    { request, response, asker: { caller }, gone }: Omit<Served, 'onEndless' | 'connection'>,
  ): Promise<ApiResponse | undefined> {
    if (answer.type !== 'object' && answer.type !== 'raw') return answer
    const whole = wholeAnswer(answer)
    const leave = await budget.waitToAnswer(caller.account, whole.raw.length, gone)
    if (leave === undefined) return request.method === 'GET' ? failureResponse(unread(caller.account.name)) : undefined
    if (response.destroyed || response.stream?.destroyed === true) leave()
    else response.once('close', leave)
    return whole
  }

  async function answerTo({ request, asker, gone, connection }: Omit<Served, 'response' | 'onEndless'>): Promise<ApiResponse> {
    try {
      const { caller, refusal } = asker
      const { account } = caller
      if (refusal !== undefined) throw new ApiError('Unauthorized', refusal)
      if (isStopping() && !healthPaths.test(pathOnly(request.url))) throw comeAgain()
      const bodies: BodyBudget = {
        take: (bytes) => budget.takeBody(account, bytes),
        wait: (bytes, until) => budget.waitForBody(account, bytes, until),
        giveBack: (bytes) => budget.giveBackBody(account, bytes),
      }
      const asked = await apiRequest(request, {
        isUpgrade: connection !== undefined,
        gone,
        budget: bodies,
        maxBodyBytes: asker.isStranger ? 0 : maxBodyBytes,
      })
      try {
        return await handle(asked, caller)
      } finally {
        if (asked.body instanceof Uint8Array) bodies.giveBack(asked.body.byteLength)
        if (asked.incoming instanceof Incoming) asked.incoming.leave()
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const { method, url, headers } = request
      // Node joins repeated headers of one name.
      const said = headers as ApiRequest['headers']
      return turnedAway(audit, { method, url, headers: said, caller: asker.caller, isUnknown: asker.refusal !== undefined, error })
    }
  }

  return serve
}

/** A long list is sent in parts and has an end; logs and the like may have none. */
const isEndless = (answer: ApiResponse): boolean =>
  answer.type === 'events' || answer.type === 'upgrade' || (answer.type === 'stream' && answer.isCompressible !== true)

/** Who asks after us hears until the end that we are not ready. */
const healthPaths = /^\/(?:livez|readyz|healthz)(?:\/|$)/

/** Clients come again by themselves, and find the next hub. */
const comeAgain = () => new ApiError('TooManyRequests', 'The apiserver is shutting down, please try again later.', { retryAfterSeconds: 1 })

const unread = (name: string) =>
  new ApiError('TooManyRequests', `the hub holds as many answers to ${name} as it has memory for: read those first`, {
    retryAfterSeconds: 1,
  })
