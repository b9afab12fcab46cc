import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createDeadline } from '@bramble/shared/async/deadline.ts'

/** Resolves when the socket is connected; rejects with why it is not, after `ms` milliseconds at the latest. Whoever made it closes it. */
export async function connected(socket: Socket, ms: number, above?: AbortSignal): Promise<void> {
  using within = createDeadline(ms, above)
  try {
    await once(socket, 'connect', { signal: within.signal })
  } catch (error) {
    throw within.hasPassed ? new Error('i/o timeout', { cause: error }) : error
  }
}
