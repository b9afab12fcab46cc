import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { enroll } from '@bramble/edge-agent/link/identity/enroll.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'

export const joinWord = '--join'

type Question = { readonly hubUrl: string; readonly token: string; readonly node: string }

/** How many milliseconds an honest machine takes to join, in a process of its own: from its first packet until it has its certificate. */
export async function honestJoin(question: Question): Promise<number> {
  const joiner = fork(process.argv[1] ?? '', [joinWord])
  await once(joiner, 'message') // it is there
  joiner.send(question)
  const [outcome] = (await Promise.race([once(joiner, 'message'), once(joiner, 'exit')])) as [unknown]
  joiner.disconnect()
  if (typeof outcome === 'object' && outcome !== null && 'ms' in outcome && typeof outcome.ms === 'number') return outcome.ms
  throw new Error(`an honest machine did not join: ${JSON.stringify(outcome)}`)
}

/** The joiner's own process. */
export async function join(): Promise<void> {
  setPriority(0)
  const asked = once(process, 'message')
  process.send?.('here')
  const [question] = (await asked) as [Question]
  const at = performance.now()
  const outcome = await enroll({ ...question, clock: systemClock, log: silentLog }, AbortSignal.timeout(60_000)).then(
    () => ({ ms: performance.now() - at }),
    (error: unknown) => ({ error: String(error) }),
  )
  await new Promise((resolve) => process.send?.(outcome, resolve))
}
