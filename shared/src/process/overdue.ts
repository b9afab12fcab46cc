import { lastLine } from './last-line.ts'

/**
 * So long a process may take to close everything: requests in hand have five seconds, threads three. Whoever asked it to stop kills it a little later
 * (`bramble down` after fifteen), or waits for ever.
 */
export const stopWithinMs = 12_000

/**
 * Ends this process when it is still there so long after it was asked to stop: whatever it waits for then may never come, and state on disk is valid after
 * every write. As if it were killed, so that its end tells that it was none in order, and its last line why.
 */
export function endOverdue(stop: AbortSignal, withinMs = stopWithinMs): void {
  stop.addEventListener('abort', () => setTimeout(end, withinMs, withinMs).unref(), { once: true })
}

function end(withinMs: number): void {
  lastLine({ withinMs, open: counted(process.getActiveResourcesInfo()), message: 'not everything could be closed in time, ending' })
  process.kill(process.pid, 'SIGKILL')
}

/** What Node still has open, by its kind. */
const counted = (names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((each) => each === name).length]))
