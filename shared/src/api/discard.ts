import type { ApiResponse } from './api-request.ts'

/**
 * Closes what was opened for an answer: a watch, a stream of a node. Whoever takes an `ApiResponse` either reads it to its end or
 * gives it here; after reading it does no harm.
 */
export function discard(response: ApiResponse): void {
  const source = response.type === 'events' ? response.events : response.type === 'stream' ? response.stream : undefined
  // Nobody is left to hear how it ended.
  void (async () => source?.[Symbol.asyncIterator]().return?.())().catch(() => {})
}
