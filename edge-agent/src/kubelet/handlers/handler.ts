import type { Container } from '@bramble/shared/types/container.ts'
import { marked } from '@bramble/shared/discover.ts'
import type { LifecycleHandler } from '@bramble/shared/types/lifecycle.ts'
import type { ProbeHandler } from '@bramble/shared/types/probe.ts'
import type { Cri } from '../../cri/cri.ts'
import type { addressOf } from '../../host/address-of.ts'

/** What a probe or a lifecycle hook may ask for, by its field. */
export type Actions = Required<ProbeHandler & LifecycleHandler>

/** `error`: it could not be tried, which says nothing about the container. */
export type Verdict = { readonly outcome: 'success' | 'failure' | 'error'; readonly message: string }

// What a failing check prints goes into an event.
export const maxOutputBytes = 1024

export type HandlerTarget = {
  readonly cri: Cri
  readonly container: Container
  readonly containerId: string
  readonly podIP: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Finds the hosts that a handler names. */
  readonly lookup?: typeof addressOf
}

/** One thing that can be asked. A file of `actions/` that exports one is served; any other is refused by its name. */
export type Handler = {
  readonly isHandler: true
  readonly action: keyof Actions
  /** Undefined when it is not what is asked. */
  run(asked: Partial<Actions>, target: HandlerTarget): Promise<Verdict> | undefined
}

export const handler = <K extends keyof Actions>(
  action: K,
  run: (asked: Actions[K], target: HandlerTarget) => Promise<Verdict>,
): Handler => ({
  isHandler: true,
  action,
  run(asked, target) {
    const own = asked[action]
    return own === undefined || own === null ? undefined : run(own as Actions[K], target) // of this very field
  },
})

export const isHandler = marked<Handler>('isHandler')
