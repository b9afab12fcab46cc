import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../../shared/src/process/service.ts'

export type Program = {
  /** The bundle. */
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A network namespace to run in. */
  readonly namespace?: string
}

export type Running = { end(signal: NodeJS.Signals): Promise<void>; hasEnded(): boolean; lastWords(): string }

/** Starts a bundle as the product is started, from outside: what it keeps is in its files alone. */
export function startProgram({ file, args, env = {}, namespace }: Program): Running {
  const line = [process.execPath, '--max-semi-space-size=2', file, ...args]
  // Set for the program alone: nothing before it may be recorded.
  const own = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const within = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`]
  const [command = '', ...rest] = [...within, 'env', ...own, ...line]
  const child = spawn(command, rest, {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)))
  const closed = once(child, 'close')
  return {
    async end(signal) {
      child.kill(signal)
      await closed
    },
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    lastWords: () => said.trim().split('\n').slice(-3).join(' '),
  }
}

const readyMs = 60_000

/** What a program that was just started answers, as soon as it does; throws when it ends before that. */
export async function whenReady<T>(program: Running, ask: () => Promise<T | undefined>): Promise<T> {
  const until = performance.now() + readyMs
  let why = 'nothing'
  for (;;) {
    if (program.hasEnded()) throw new Error(`it ended by itself: ${program.lastWords()}`)
    const answer = await ask().catch((error: unknown) => void (why = messageOf(error)))
    if (answer !== undefined) return answer
    if (performance.now() > until) throw new Error(`it did not come up: ${why}; ${program.lastWords()}`)
    await sleep(25)
  }
}
