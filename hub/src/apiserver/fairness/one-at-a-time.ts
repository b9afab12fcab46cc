import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'

/**
 * Lines in which who comes finds what the one before has left. Of those who lost a race for an object: a hundred writers of one then write a
 * hundred times, instead of five thousand times until some of them give up; where nobody has lost there is no line, and nobody waits. And of
 * those who want a document that has to be made.
 */
export type Lines = {
  /** Whether anybody stands in this line: whose turn it is, or who waits for his. */
  readonly isThere: (key: string) => boolean
  /**
   * Resolves when it is one's turn, with how to let the next one go. Whose request is aborted waits no longer, and lets the next one go no
   * sooner than the one before has: two turns never run at once.
   */
  readonly enter: (key: string, request: Pick<ApiRequest, 'signal'>) => Promise<() => void>
}

export function createLines(): Lines {
  const ends = new Map<string, Promise<void>>()
  return {
    isThere: (key) => ends.size > 0 && ends.has(key),
    async enter(key, request) {
      const before = ends.get(key)
      let letGo = () => {}
      const end = new Promise<void>((resolve) => (letGo = resolve))
      ends.set(key, end)
      const leave = () => {
        if (ends.get(key) === end) ends.delete(key)
        letGo()
      }
      if (before === undefined || (await isTurn(before, request.signal))) return leave
      return () => void before.then(leave)
    },
  }
}

/** False when the request is aborted before. */
const isTurn = (before: Promise<void>, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const giveUp = () => resolve(false)
    const go = () => {
      signal.removeEventListener('abort', giveUp)
      resolve(true)
    }
    if (signal.aborted) return giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    void before.then(go)
  })

/** What is not done any more for who has gone away. */
export const gone = (): ApiError => new ApiError('Timeout', 'Timeout: request did not complete within requested timeout - context canceled')
