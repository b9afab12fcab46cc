import type { Log } from '@bramble/shared/logging/log.ts'
import type { Hook } from './hooks.ts'

/** What the log is told of webhooks: that one is not heard, and that it is again, and not each request that this befalls. A changed one is another. */
export type Outages = {
  unheard(hook: Hook, error: string): void
  heard(hook: Hook): void
}

export function createOutages(log: Log): Outages {
  const unheard = new WeakSet<Hook>()
  const named = ({ configuration, webhook: { name, failurePolicy } }: Hook) => ({ configuration, webhook: name, failurePolicy })
  return {
    unheard(hook, error) {
      if (unheard.has(hook)) return
      unheard.add(hook)
      log.warn({ ...named(hook), error }, 'a webhook is not heard, and what it is asked about is refused or goes on without it')
    },
    heard(hook) {
      if (unheard.delete(hook)) log.info(named(hook), 'a webhook is heard again')
    },
  }
}
