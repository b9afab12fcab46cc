import { closeSync, constants, openSync, writeSync } from 'node:fs'

/**
 * Writes a line of the log for a process that is about to be ended, past Node's streams, which need its loop. Whoever should read it may have gone, or may
 * not read: a line that cannot be written at once is lost, and holds up no end.
 */
export function lastLine(fields: Readonly<Record<string, unknown>> & { readonly message: string }): void {
  const line = `${JSON.stringify({ time: new Date().toISOString(), level: 'error', ...fields })}\n`
  const own = openedAnew()
  try {
    writeSync(own ?? 2, line)
  } catch {
    // It is lost.
  } finally {
    if (own !== undefined) closeSync(own)
  }
}

/** The same file, pipe or terminal under a descriptor that never waits. There is none of a socket. */
function openedAnew(): number | undefined {
  try {
    return openSync('/proc/self/fd/2', constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return undefined
  }
}
