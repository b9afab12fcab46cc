import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, ApiResponse, Caller } from '@bramble/shared/api/api-request.ts'
import type { ApiService } from '@bramble/shared/kinds/api-service.ts'
import { openedBefore } from '@bramble/shared/async/opened-before.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { saysOwn } from '../answers/own-accept.ts'
import type { Identity } from '../remote/remote-agent.ts'
import { unavailable } from '../remote/remote-error.ts'
import { maxOpen, type OpenAnswer, type Remote } from '../remote/remote.ts'
import { createShares, type Shares } from '../fairness/shares.ts'
import { configOf } from './config-of.ts'
import { identityHeaders } from './identity-headers.ts'

export type ForwardDeps = { readonly remote: Remote; readonly identity: () => Identity | undefined; readonly open: OpenAnswers }

/** Answers that are being read, by who asked: one reader of watches leaves room for the others. */
export type OpenAnswers = Pick<Shares, 'take' | 'giveBack'>
const mostOfOne = 64
export const createOpenAnswers = (): OpenAnswers => createShares(maxOpen, mostOfOne)

/** As long as the hub itself would work on one. What has begun lasts as long as its reader. */
const headMs = 60_000

/** Gives a request to the server of another group, in the name of who asks, and its answer back as it comes. */
export async function forward(
  service: ApiService,
  asked: { readonly request: ApiRequest; readonly caller: Caller },
  deps: ForwardDeps,
): Promise<ApiResponse> {
  const { request, caller } = asked
  // What speaks another protocol from here on is not carried: its sender falls back, or is told why.
  if (/^(websocket|spdy\/3\.1)$/i.test(request.headers['upgrade'] ?? ''))
    throw badRequest('unable to upgrade connection: connections to servers of other groups are not upgraded by this version')
  const { name } = caller.account
  if (!deps.open.take(name, 1)) throw tooMany(name)
  const leave = () => deps.open.giveBack(name, 1)
  const { method, path, query, body, signal } = request
  const identity = deps.identity()
  let answer: OpenAnswer
  try {
    answer = await deps.remote.open(configOf(service), {
      method,
      path: path.split('/').map(encodeURIComponent).join('/'),
      query,
      headers: { ...passedOn(request.headers), ...identityHeaders(caller.user) },
      ...(body !== undefined && { body: body instanceof Uint8Array ? body : exactJson(body) }),
      ...(identity !== undefined && { identity }),
      timeoutMs: headMs,
      signal,
    })
  } catch (error) {
    leave()
    signal.throwIfAborted()
    throw unavailable(error)
  }
  const { status, headers, bytes } = answer
  bytes.once('close', leave)
  // It may send nobody anywhere with what they say to us.
  if (status >= 300 && status < 400 && headers.location !== undefined) {
    bytes.destroy()
    const raw = 'the backend attempted to redirect this request, which is not permitted'
    return { type: 'raw', status: 502, contentType: 'text/plain; charset=utf-8', raw }
  }
  return {
    ...{ type: 'stream', status, contentType: headers['content-type'] ?? 'application/octet-stream', headers: givenBack(headers) },
    stream: openedBefore(piecesOf(bytes), () => bytes.destroy()),
  }
}

const tooMany = (name: string) =>
  new ApiError('TooManyRequests', `${name} reads as many answers of other servers as it may have open: please try again`, {
    retryAfterSeconds: 1,
  })

async function* piecesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes
}

/** What one connection says to the next one, what makes a caller known to us, and what only we may say of callers. */
const ownHeaders = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings', 'expect'],
  ...['host', 'content-length', 'accept-encoding', 'authorization', 'proxy-authorization', 'proxy-authenticate', 'cookie'],
])
const isOwn = (name: string): boolean =>
  ownHeaders.has(name) || name.startsWith(':') || name.startsWith('x-remote-') || name.startsWith('impersonate-')

const passedOn = (headers: ApiRequest['headers']): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || isOwn(name) ? [] : [[name, name === 'accept' && saysOwn(value) ? 'application/json' : value]],
    ),
  )

/** The answer's own form belongs to the hub: it may be sent over HTTP/2, and cookies of its address are its own. */
const notGivenBack = new Set([...ownHeaders, 'content-type', 'set-cookie', 'alt-svc', 'strict-transport-security', 'date', 'audit-id'])

const givenBack = (headers: OpenAnswer['headers']): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || notGivenBack.has(name) ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
