import type { Caller } from '@bramble/shared/api/api-request.ts'
import { type HubPart, overLoopback } from '../authz/hub-parts.ts'

/**
 * Who makes a change, by what, and how it is meant. Settled once for each request (`query/written-by.ts`) and with the change until it is
 * written: who owns which field, what is audited and what is counted is told by this alone.
 */
export type Origin = Caller & {
  /** In whose name fields are owned: `kubectl`, `kube-controller-manager`. */
  readonly manager: string
  /** What was asked for. A binding is created, and updates its pod. */
  readonly operation: Operation
  readonly subresource?: string | undefined
  /** Everything is done but the writing. */
  readonly dryRun: boolean
  /** What stood beside it in the URL, which webhooks are shown as its options. */
  readonly query?: URLSearchParams
  /** Hears what admission notes about the request, for whoever keeps records of requests. */
  readonly note?: TakeNote | undefined
}

/** `text` is made only where it is kept. `Request`: it says what stands in a body, and is for who keeps those as well. */
export type TakeNote = (key: string, text: string | (() => string), from?: 'Metadata' | 'Request') => void

export type Operation = 'create' | 'update' | 'patch' | 'apply' | 'delete'

/** For what the hub changes without a request. */
export const originOfPart = ({ user, manager }: HubPart, operation: Operation): Origin => ({
  ...overLoopback(user),
  manager,
  operation,
  dryRun: false,
})
