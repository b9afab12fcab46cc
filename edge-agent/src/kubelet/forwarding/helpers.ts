import type { Socket } from 'node:net'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { connectMs } from './localhost.ts'
import { type HelperProcess, startHelper } from './helper-process.ts'

export type HelpersDeps = {
  /** The bundle of `helper.ts`. */
  readonly helper: URL
  /** So long a helper waits for the next connection. */
  readonly keepMs?: number
  /** At once, on this node. */
  readonly most?: number
  readonly start?: typeof startHelper
}

export type Helpers = {
  /** Connects to a port of `localhost` in a network, given as the file of its namespace. */
  connect(network: string, port: number, signal: AbortSignal): Promise<Socket>
  close(): void
}

/** A page asks for more within seconds; a helper that waits has some 10 MiB. */
const defaultKeepMs = 5_000
const defaultMost = 4
/** A process starts in a fifth of a second, on a board with one slow core in two. */
const startMs = 5_000

/**
 * The processes that connect inside of pods' networks: one for each network, made when it is first asked for and ended when nobody has asked for a while.
 * When all have something to do, who needs another waits for one to be done, within the time that a connection may take.
 */
export function createHelpers({ helper, keepMs = defaultKeepMs, most = defaultMost, start = startHelper }: HelpersDeps): Helpers {
  /** In the order in which they were last asked. */
  const running = new Map<string, { readonly process: HelperProcess; timer: NodeJS.Timeout | undefined }>()
  let waiting: (() => void)[] = []
  const changed = () => {
    for (const wake of waiting.splice(0)) wake()
  }
  const entry = (network: string) => {
    const known = running.get(network)
    if (known !== undefined) return known
    if (running.size >= most) {
      const idle = [...running.values()].find(({ process }) => process.waiting === 0)
      if (idle === undefined) return undefined
      idle.process.end()
    }
    const made = {
      process: start({
        helper,
        network,
        onEnd() {
          clearTimeout(made.timer)
          if (running.get(network) === made) running.delete(network)
          changed()
        },
      }),
      timer: undefined as NodeJS.Timeout | undefined,
    }
    return made
  }

  return {
    async connect(network, port, signal) {
      using within = createDeadline(connectMs + startMs, signal)
      for (;;) {
        const one = entry(network)
        if (one === undefined) {
          await free(within.signal, (wake) => (waiting.push(wake), () => (waiting = waiting.filter((each) => each !== wake)))).catch(
            (error) => {
              throw within.hasPassed
                ? new Error(`this node opens connections inside of ${most} pods already: try again in a moment`)
                : error
            },
          )
          continue
        }
        running.delete(network)
        running.set(network, one)
        clearTimeout(one.timer)
        try {
          return await one.process.connect(port, within.signal)
        } finally {
          if (running.get(network) === one && one.process.waiting === 0) one.timer = setTimeout(() => one.process.end(), keepMs).unref()
          changed()
        }
      }
    },
    close() {
      for (const { process } of [...running.values()]) process.end()
    },
  }
}

/** Resolves when it is woken. */
function free(signal: AbortSignal, listen: (wake: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      stop()
      reject(signal.reason as Error) // of a deadline or a stream, which are errors
    }
    const stop = listen(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
