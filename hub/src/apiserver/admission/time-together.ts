import { createDeadline, type Deadline } from '@bramble/shared/async/deadline.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { longestMs } from '../query/request-timeout.ts'
import type { Asker } from './admission.ts'

/** The time of those who are asked because of one request; `dispose` lets go of what counts it. */
export type TimeTogether = Disposable & { readonly asker: Asker | undefined }

/**
 * All webhooks that are asked because of one request have the time of one request together (Kubernetes' --request-timeout), however many they are, in
 * whatever phase, and however often the write is decided again. Nothing counts before the first of them is asked.
 */
export function createTimeTogether(clock: Pick<Clock, 'monotonic'>): (asker: Asker | undefined) => TimeTogether {
  const since = new WeakMap<object, number>()
  const leftFor = (request: object): number => {
    const now = clock.monotonic()
    const from = since.get(request) ?? now
    since.set(request, from)
    return Math.max(0, longestMs - (now - from))
  }
  return (asker) => {
    let deadline: Deadline | undefined
    return {
      asker: asker && { ...asker, signal: () => (deadline ??= createDeadline(leftFor(asker.request), asker.signal())).signal },
      [Symbol.dispose]: () => deadline?.[Symbol.dispose](),
    }
  }
}
