import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { Content } from '@bramble/shared/frames/frame.ts'
import type { UpHeader } from '@bramble/shared/frames/headers.ts'
import { isLargerThan } from '@bramble/shared/api/object-size.ts'
import { answerOf, maxAnswerBytes, refusalOf } from './answer.ts'
import { Backlog } from './backlog.ts'
import type { SessionParts } from './session-parts.ts'
import type { WatchTurns } from './watch-turns.ts'

const maxWatches = 1024
// What waits for a node's credit in all its watches; beyond it the rest waits where it comes from, and is bounded there.
const maxBacklogBytes = 4 * 1024 * 1024

export type WatchesDeps = SessionParts & { readonly turns: WatchTurns }

/** The watches of one node. */
export function createWatches({ node, ask, works, sender, turns, say, guard, log }: WatchesDeps) {
  /** The events of all of them that wait for credit. */
  const waiting = { bytes: 0 }
  let count = 0
  let isDue = false
  /** After this turn of the loop, so that what was committed together goes together. */
  const pumpSoon = () => {
    if (isDue) return
    isDue = true
    setImmediate(() => {
      isDue = false
      guard(() => sender.pump())
    })
  }

  /** Answers the `Status` that an ERROR event carries. */
  const follow = async (events: AsyncIterable<RawWatchEvent>, backlog: Backlog, signal: AbortSignal) => {
    for await (const event of events) {
      if (signal.aborted) return undefined
      if (event.type === 'ERROR') return exactJson(event.object)
      // Stored before there was a bound: it costs itself, and not the session.
      if (isLargerThan(event.text, maxAnswerBytes)) {
        log.error({ node, resourceVersion: event.resourceVersion }, 'an object is too large to be sent to a node')
        continue
      }
      for (const each of turns.takesLines ? [event] : (event.several ?? [event])) backlog.push(each)
      pumpSoon()
      while (waiting.bytes > maxBacklogBytes && !signal.aborted) await sender.progress()
    }
    return undefined
  }

  return {
    get count() {
      return count
    },
    async watch({ id, path, query }: UpHeader & { t: 'watch' }): Promise<void> {
      if (count >= maxWatches)
        return say({ t: 'end', id }, refusalOf(new ApiError('TooManyRequests', `node ${node} has ${maxWatches} watches open`)).body)
      count += 1
      const work = works.begin(id)
      const { signal } = work
      const backlog = new Backlog(waiting)
      turns.add(id, backlog)
      let failure: Content | undefined
      try {
        const response = await ask({ method: 'GET', path, query: { ...query, watch: 'true' } }, signal)
        if (response.type !== 'events') failure = answerOf(response).body
        else failure = await follow(response.events, backlog, signal)
      } catch (error) {
        if (!signal.aborted) failure = refusalOf(error).body
        if (!signal.aborted && !isApiError(error)) log.error({ node, error }, 'watch of a node failed')
      }
      works.finished(id, work)
      count -= 1
      if (signal.aborted) turns.remove(id)
      else turns.end(id, { message: { t: 'end', id }, body: failure })
      guard(() => sender.pump())
    },
  }
}
