import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import { AsyncQueue } from '@bramble/shared/async/async-queue.ts'
import { queryNumber } from '../query/query-number.ts'
import { isTrue } from '../query/request-info.ts'
import type { PathRoute } from '../routes/route.ts'
import type { Ring } from './ring.ts'

/** Where it is read. Nobody may but whom a role allows it (nonResourceURLs), of the usual roles `cluster-admin` alone. */
export const auditPath = '/logs/audit'

/** Those who follow it, at once: each is told of every line. */
const mostFollowers = 16
/** Lines that may wait for one of them; who is slower is ended, and may read what he has missed. */
const mostWaiting = 1000

const filters = ['user', 'verb', 'resource', 'namespace', 'name', 'code'] as const
const others = ['follow', 'tailLines', 'timeout', 'pretty']

/** `GET /logs/audit`: the newest Events, a line each, oldest first; `?follow=true` goes on with what comes. */
export function createAuditPage(ring: Ring): PathRoute {
  let followers = 0
  return {
    at: /^\/logs\/audit$/,
    answer(request) {
      const { query } = request
      const unknown = [...query.keys()].find((key) => ![...filters, ...others].includes(key))
      if (unknown !== undefined)
        throw badRequest(`${unknown}: is not supported: expected ${[...filters, 'tailLines', 'follow'].join(', ')}`)
      const tail = queryNumber(query, 'tailLines', 0)
      const isWanted = filterOf(query)
      const all = isWanted === undefined ? ring.lines() : ring.lines().filter(isWanted)
      const shown = tail === undefined ? all : all.slice(Math.max(0, all.length - Number(tail)))
      const text = shown.map((line) => `${line}\n`).join('')
      const contentType = 'application/x-ndjson'
      if (!isTrue(query.get('follow'))) return { type: 'raw', status: 200, contentType, raw: text }
      if (followers >= mostFollowers)
        throw new ApiError('TooManyRequests', `${mostFollowers} others follow the audit log`, { retryAfterSeconds: 10 })
      followers++
      const stream = followed(request, { ring, isWanted, text, onEnd: () => followers-- })
      return { type: 'stream', status: 200, contentType, stream }
    },
  }
}

type Following = {
  readonly ring: Ring
  readonly isWanted: ((line: string) => boolean) | undefined
  readonly text: string
  readonly onEnd: () => void
}

/** Open from here on, until its caller has gone, stops reading or is too slow. */
function followed({ signal }: ApiRequest, { ring, isWanted = () => true, text, onEnd }: Following): AsyncIterable<Uint8Array> {
  const queue = new AsyncQueue<Uint8Array>(mostWaiting)
  if (text !== '') queue.push(Buffer.from(text))
  const unfollow = ring.follow((line) => {
    if (isWanted(line) && !queue.push(Buffer.from(`${line}\n`))) end()
  })
  let isOver = false
  const end = () => {
    if (isOver) return
    isOver = true
    unfollow()
    signal.removeEventListener('abort', end)
    queue.close()
    onEnd()
  }
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  const inner = queue[Symbol.asyncIterator]()
  const iterator: AsyncIterableIterator<Uint8Array, undefined> = {
    next: () => inner.next(),
    async return() {
      end()
      await inner.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}

type Line = {
  readonly verb?: string
  readonly user?: { readonly username?: string }
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string }
  readonly responseStatus?: { readonly code?: number }
}

/** Undefined: all of them. */
function filterOf(query: URLSearchParams): ((line: string) => boolean) | undefined {
  const wanted = filters.flatMap((key) => {
    const value = query.get(key)
    return value === null ? [] : [[key, value] as const]
  })
  if (wanted.length === 0) return undefined
  return (line) => {
    const { verb, user, objectRef, responseStatus } = JSON.parse(line) as Line // we have written it
    const said = { verb, user: user?.username, code: String(responseStatus?.code ?? ''), ...pick(objectRef) }
    return wanted.every(([key, value]) => said[key] === value)
  }
}

const pick = ({ resource, namespace, name }: NonNullable<Line['objectRef']> = {}) => ({ resource, namespace, name })
