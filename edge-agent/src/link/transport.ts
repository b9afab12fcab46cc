import { randomUUID } from 'node:crypto'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { maxMessageBytes } from '@bramble/shared/frames/limits.ts'
import type { CallOptions, KubeObject, WatchEvent } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { errorOf, type Transport, type TransportRequest } from '@bramble/shared/api/rest-client.ts'
import { SessionLost, type Answer, type NodeSession } from './node-session.ts'

export type TransportDeps = {
  /** The session, as soon as there is one; rejects with the signal's reason. */
  readonly session: (signal: AbortSignal) => Promise<NodeSession>
  readonly clock: Clock
  readonly parse?: (text: string) => unknown
}

const defaultTimeoutMs = 30_000
// The hub refuses what is beyond its own limit; waiting here is kinder.
const maxInFlight = 48

/**
 * The Kubernetes verbs over frames. A call waits for a connection as long as its deadline lets it, and is made again when the connection
 * is lost under it: reads because they change nothing, writes because their key tells the hub that it has seen them.
 */
export function createMqttTransport({ session, clock, parse = JSON.parse }: TransportDeps): Transport {
  let inFlight = 0
  const waiting: (() => void)[] = []

  /** Waits for one of the places; its holder hands it on by calling `release`. */
  const slot = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    if (inFlight < maxInFlight) {
      inFlight += 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        waiting.splice(waiting.indexOf(go), 1)
        reject(signal.reason)
      }
      const go = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      waiting.push(go)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
  const release = () => {
    const next = waiting.shift()
    if (next === undefined) inFlight -= 1
    else next()
  }

  const request = async (
    asked: TransportRequest,
    { signal, timeoutMs = defaultTimeoutMs, isLazy = false }: CallOptions,
  ): Promise<unknown> => {
    using deadline = createDeadline(timeoutMs, signal)
    const within = deadline.signal
    const until = clock.monotonic() + timeoutMs
    const body = asked.body === undefined ? undefined : Buffer.from(JSON.stringify(asked.body))
    // The hub would end the session of whoever sends more.
    if (body !== undefined && body.length > maxMessageBytes.up)
      throw new ApiError(
        'RequestEntityTooLarge',
        `${asked.method} ${asked.path}: a body may have ${maxMessageBytes.up} bytes, this one has ${body.length}`,
      )
    const key = asked.method === 'GET' ? undefined : randomUUID()
    try {
      await slot(within)
      try {
        for (;;) {
          const answer = await attempt(async () =>
            (await session(within)).request({
              method: asked.method,
              path: asked.path,
              query: asked.query,
              ms: Math.max(1, Math.trunc(until - clock.monotonic())),
              signal: within,
              isLazy,
              ...(asked.contentType !== undefined && { type: asked.contentType }),
              ...(body !== undefined && { body }),
              ...(key !== undefined && { key }),
            }),
          )
          if (answer !== undefined) return resultOf(answer, parse)
        }
      } finally {
        release()
      }
    } catch (error) {
      if (deadline.hasPassed)
        throw new ApiError('Timeout', `${asked.method} ${asked.path}: no answer from the hub within ${timeoutMs} ms`, {}, { cause: error })
      throw error
    }
  }

  async function* watch(
    { path, query }: TransportRequest,
    { signal }: CallOptions & { readonly signal: AbortSignal },
  ): AsyncGenerator<WatchEvent<KubeObject>> {
    try {
      for await (const body of (await session(signal)).open('watch', path, query, signal))
        for (const line of textOf(body).split('\n')) yield parse(line) as WatchEvent<KubeObject> // the hub's word
    } catch (error) {
      // A lost connection is the end of a watch like any other: its reader resumes from the version it has.
      if (!(error instanceof SessionLost)) throw error
    }
  }

  const connectedWithin = async (timeoutMs: number, signal: AbortSignal) => {
    using deadline = createDeadline(timeoutMs, signal)
    return await session(deadline.signal)
  }

  async function* stream(
    { path, query }: TransportRequest,
    { signal = new AbortController().signal, timeoutMs = defaultTimeoutMs }: CallOptions,
  ) {
    yield* (await connectedWithin(timeoutMs, signal)).open('read', path, query, signal)
  }

  return { request, watch, stream }
}

/** Undefined when the connection was lost: try again. */
const attempt = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await call()
  } catch (error) {
    if (error instanceof SessionLost) return undefined
    throw error
  }
}

/** Without a copy of the bytes: an object may have megabytes. */
const textOf = ({ buffer, byteOffset, length }: Uint8Array): string => Buffer.from(buffer, byteOffset, length).toString()

const resultOf = ({ status, body }: Answer, parse: (text: string) => unknown): unknown => {
  const value: unknown = body === undefined || body.length === 0 ? undefined : parse(textOf(body))
  if (status >= 400) throw errorOf(value)
  return value
}
