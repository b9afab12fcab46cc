import type { Handler } from '@bramble/shared/api/api-request.ts'
import { pathOf } from '@bramble/shared/api/path.ts'
import { customResourceDefinitions } from '@bramble/shared/kinds/custom-resource-definition.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { hubParts, overLoopback } from '../authz/hub-parts.ts'

/** Has the status of definitions settled anew when something about them has changed that is not in them: a name that has become free. */
export type Reminder = { start(handle: Handler): void; remind(name: string): void; close(): void }

/** One after the other, by a write that changes nothing of its own: what is settled is settled with every write. */
export function createReminder(log: Log): Reminder {
  const due = new Set<string>()
  const stop = new AbortController()
  let handle: Handler | undefined
  let isWorking = false

  const work = async (): Promise<void> => {
    if (isWorking || handle === undefined) return
    isWorking = true
    for (const name of due) {
      if (stop.signal.aborted) break
      due.delete(name)
      const { user, manager } = hubParts.apiserver
      const headers = { 'user-agent': manager, 'content-type': 'application/merge-patch+json' }
      const path = pathOf(customResourceDefinitions, { name }, 'status')
      const request = { method: 'PATCH', path, query: new URLSearchParams(), headers, body: {}, signal: stop.signal } as const
      const answer = await handle(request, overLoopback(user))
      if (answer.status >= 400 && answer.status !== 404)
        log.warn({ definition: name, status: answer.status }, 'a definition is not settled')
    }
    isWorking = false
  }

  return {
    start(through) {
      handle = through
      void work()
    },
    remind(name) {
      due.add(name)
      // Not in the turn in which the store tells of a change.
      setImmediate(() => void work())
    },
    close: () => stop.abort(),
  }
}
