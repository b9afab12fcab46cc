import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { UpHeader } from '@bramble/shared/frames/headers.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { type Answer, answerOf, refusal, refusalOf } from './answer.ts'
import type { Bodies } from './bodies.ts'
import type { ReplayWindow } from './replay-window.ts'
import { type SessionParts, shortBytes } from './session-parts.ts'
import { maxRequests } from './works.ts'

const maxRequestMs = 60_000
// What answers to a node's writes may hold while it does not read; it holds four of the largest objects.
const maxAnswersBytes = 16 * 1024 * 1024

/** What became of a request's body as it came: lost for want of room, or its bytes taken from it. */
export type InParts = { readonly isDropped: boolean; readonly taken: number }

export type RequestsDeps = SessionParts & {
  readonly bodies: Bodies
  readonly replays: ReplayWindow
  /** Signs the CSR of a node that is already trusted. */
  readonly renew: (request: { node: string; csrPem: string }) => Promise<{ certificatePem: string }>
}
type Req = UpHeader & { t: 'req' }

/** Requests that are answered once: `req` and `renew`. */
export function createRequests({
  node,
  account,
  ask,
  works,
  seats,
  sender,
  long,
  guard,
  takesDeflated,
  log,
  bodies,
  replays,
  renew,
}: RequestsDeps) {
  /** Of answers to writes that wait for the node to read them. */
  let answerBytes = 0

  const request = (header: Req, body: Uint8Array | undefined, { isDropped, taken }: InParts): Promise<void> => {
    const { id, method } = header
    if (seats.isFull()) {
      bodies.giveBack(account, taken)
      return respond(id, refusal('TooManyRequests', `node ${node} has ${maxRequests} requests in flight`))
    }
    if (method !== 'GET' && answerBytes >= maxAnswersBytes) {
      bodies.giveBack(account, taken)
      return respond(id, unread(node))
    }
    if (isDropped || (taken === 0 && !bodies.take(account, body?.length ?? 0)))
      return respond(
        id,
        refusal('TooManyRequests', `the hub holds as many request bodies of node ${node} as it has memory for: please try again`),
      )
    seats.take()
    const work = works.begin(id)
    return deliver(header, work, answer(header, body, work.signal))
  }

  /** Has ended when the answer is there, which may then wait long for the node to read. */
  const answer = async (header: Req, body: Uint8Array | undefined, signal: AbortSignal): Promise<Answer> => {
    const { method, path, key, ms } = header
    let isAsked = false
    // Not when the answer is there: a request that was cancelled has its body until the apiserver lets go of it.
    const onDone = () => bodies.giveBack(account, body?.length ?? 0)
    const run = async (above?: AbortSignal): Promise<Answer> => {
      using deadline = createDeadline(Math.min(ms, maxRequestMs), above)
      const within = deadline.signal
      try {
        isAsked = true
        return answerOf(await ask({ ...header, body, takesDeflated: takesDeflated(), onDone }, within))
      } catch (error) {
        if (error instanceof ApiError) return refusalOf(error)
        if (deadline.hasPassed) return refusal('Timeout', `the request was not done within ${ms} ms`)
        if (!within.aborted) log.error({ node, error }, 'request of a node failed')
        return refusalOf(error)
      }
    }
    try {
      // A write with a key goes on when the connection is lost, because the node will ask for its answer again.
      return await (key === undefined ? run(signal) : replays.once(node, `${key} ${method} ${path}`, () => run()))
    } finally {
      if (!isAsked) onDone()
    }
  }

  const deliver = async ({ id, method }: Req, work: AbortController, coming: Promise<Answer>) => {
    let bytes = 0
    try {
      const made = await coming
      // A request that was cancelled gets no answer.
      if (work.signal.aborted) return
      // What a read answers is stored anyway; what a write answers is held for its reader alone, once it is overwritten. A write that is
      // done is never told to have been refused: only the next ones are.
      if (method !== 'GET') bytes = made.body.length
      answerBytes += bytes
      await respond(id, made)
    } finally {
      answerBytes -= bytes
      works.finished(id, work)
      seats.leave()
    }
  }

  /** Resolves when the answer is out, or will never be. */
  const respond = (id: number, { status, body, isDeflated }: Answer): Promise<void> =>
    new Promise((resolve) =>
      guard(() => {
        const message = { t: 'res', id, status, ...(isDeflated === true && { z: true as const }) } as const
        if (body.length <= shortBytes) return sender.push(message, body, resolve)
        long.push({ message, body, onDone: resolve })
        sender.pump()
      }),
    )

  return {
    request,
    async renew(id: number, body: Uint8Array | undefined): Promise<void> {
      const made = async (): Promise<Answer> => {
        try {
          const { certificatePem } = await renew({ node, csrPem: Buffer.from(body ?? []).toString() })
          return { status: 200, body: JSON.stringify({ certificatePem }) }
        } catch (error) {
          log.warn({ node, error: messageOf(error) }, 'certificate not renewed')
          return refusalOf(error)
        }
      }
      await respond(id, await made())
    },
    /** The node does not wait for it any more: it is not sent, unless a part of it is on its way. */
    cancel(id: number): void {
      long.drop((message) => 'id' in message && message.id === id)
      works.cancel(id)
    },
  }
}

const unread = (node: string): Answer =>
  refusal('TooManyRequests', `node ${node} has ${maxAnswersBytes} bytes of answers to its writes that it has not read: read those first`)
