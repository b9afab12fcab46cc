/**
 * One request to stop often arrives as several signals: the terminal, `timeout` or a service manager signals the whole group, and
 * a parent passes its own on. Within this time they are one; whoever is impatient presses again after it.
 */
const oneRequestMs = 3_000

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

type StopSignal = (typeof stopSignals)[number]
export type StopRequests = { readonly signal: AbortSignal; readonly onSignal: (name: StopSignal) => void }

/** The first request aborts the signal; one that comes when the first is no longer being delivered ends the process at once. */
export function createStopRequests(deps: { readonly monotonic: () => number; readonly end: (name: StopSignal) => void }): StopRequests {
  const stop = new AbortController()
  let firstAt = 0
  return {
    signal: stop.signal,
    onSignal(name) {
      if (!stop.signal.aborted) {
        firstAt = deps.monotonic()
        stop.abort()
      } else if (deps.monotonic() - firstAt >= oneRequestMs) deps.end(name)
    },
  }
}

/** For a process that has something to close: a signal that aborts when it is asked to stop, also by a terminal that is closed. */
export function stopOnSignals(): AbortSignal {
  const { signal, onSignal } = createStopRequests({ monotonic: () => performance.now(), end: endBy })
  for (const name of stopSignals) process.on(name, onSignal)
  // A closed terminal and a full disk refuse every line: what is lost is the line, never the process or its teardown.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return signal
}

/** From now on each signal does what it does to any process: the kernel ends it, whatever holds it. */
export function ignoreNoSignal(): void {
  for (const name of stopSignals) process.removeAllListeners(name)
}

/** Not by `process.exit`, which waits for each thread: one that a disk holds would keep the process. */
function endBy(name: StopSignal): void {
  ignoreNoSignal()
  process.kill(process.pid, name)
}
