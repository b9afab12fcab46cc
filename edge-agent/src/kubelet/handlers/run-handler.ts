import { discover } from '@bramble/shared/discover.ts'
import type { LifecycleHandler } from '@bramble/shared/types/lifecycle.ts'
import type { ProbeHandler } from '@bramble/shared/types/probe.ts'
import { type HandlerTarget, isHandler, type Verdict } from './handler.ts'

const handlers = discover(import.meta.glob('./actions/*.ts', { eager: true }), isHandler)

/** Runs what a probe or a lifecycle hook asks for, once. */
export async function runHandler(asked: ProbeHandler | LifecycleHandler, target: HandlerTarget): Promise<Verdict> {
  for (const handler of handlers) {
    const verdict = handler.run(asked, target)
    if (verdict !== undefined) return verdict
  }
  const known = handlers.map(({ action }) => action).join(', ')
  return { outcome: 'error', message: `handler ${Object.keys(asked)[0] ?? 'nothing'} is not supported: use one of ${known}` }
}
