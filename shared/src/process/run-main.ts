import { isApiError } from '../api/api-error.ts'
import { ConfigError } from './config.ts'
import { createLog } from '../logging/log.ts'
import { isAbort, messageOf } from './service.ts'
import { endOverdue } from './overdue.ts'
import { ignoreNoSignal, stopOnSignals } from './stop-signals.ts'
import { startWatchdog } from './watchdog.ts'

export type MainProcess = {
  /** As it is typed: `bramble hub`. */
  readonly name: string
  readonly argv: readonly string[]
  readonly help: () => string
  /** Works until the signal aborts and everything is closed. */
  readonly run: (argv: readonly string[], signal: AbortSignal) => Promise<void>
  /** A thread that `run` starts watches over the loop (`signsOfLife`), so there need not be one for nothing else. */
  readonly watchesItself?: boolean
  /** It ends by itself, and is done to its end although it was asked to stop. */
  readonly isTask?: boolean
}

/**
 * The frame of a long-lived process: the first SIGINT or SIGTERM asks it to close, a second one ends it at once. What a person
 * can put right is one sentence on stderr; anything else is a log line with its stack. Both exit with 1. A loop that stands still ends it, and so does a stop
 * that takes too long.
 */
export async function runMain({ name, argv, help, run, watchesItself = false, isTask = false }: MainProcess): Promise<never> {
  if (argv.includes('--help')) {
    process.stdout.write(help())
    process.exit(0)
  }
  const stop = stopOnSignals()
  if (!isTask) endOverdue(stop)
  try {
    const onFailed = (error: unknown) => createLog().warn({ error }, 'nobody watches over this process')
    if (!watchesItself) startWatchdog({ worker: new URL('./watchdog-worker.mjs', import.meta.url), onFailed })
    await run(argv, stop)
    exit(0)
  } catch (error) {
    if (isAbort(error, stop)) exit(0) // asked to close while still starting
    const told = causesOf(error).find((cause) => cause instanceof ConfigError || isApiError(cause) || isOfTheDisk(cause))
    if (told !== undefined) process.stderr.write(`${name}: ${messageOf(told)}\n`)
    else createLog().error({ error }, messageOf(error))
    exit(1)
  }
}

/** What has to be closed is closed; Node still waits for its threads then, and any signal may end that. */
function exit(code: number): never {
  ignoreNoSignal()
  process.exit(code)
}

/** An error, what caused it, and so on. */
function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = []
  for (let each = error; each !== undefined && causes.length < 10; each = each instanceof Error ? each.cause : undefined) causes.push(each)
  return causes
}

/** What a file system refuses says it in one line, with the path: EACCES, ENOSPC, EROFS. */
const isOfTheDisk = (error: unknown): boolean => error instanceof Error && 'code' in error && 'path' in error
