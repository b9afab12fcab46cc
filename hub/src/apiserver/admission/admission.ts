import { ApiError } from '@bramble/shared/api-error.ts'
import type { User } from '@bramble/shared/api-request.ts'
import type { KubeObject } from '@bramble/shared/client.ts'
import type { Kind } from '@bramble/shared/kind.ts'

/** A write on its way in. `object` may be changed in place on CREATE and UPDATE; `previous` is what is stored. */
export type Admission = {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly kind: Kind
  readonly subresource?: string
  readonly namespace?: string
  readonly name: string
  readonly object?: KubeObject
  readonly previous?: KubeObject
  readonly user: User
  readonly dryRun: boolean
  /** Shown to the sender beside the answer. */
  readonly warn?: (text: string) => void
}

/**
 * What a plugin holds for a write that is under way; disposed of when the write is over, however it ended. What was written is held
 * from then on by the object itself, so there is nothing to commit and nothing to take back.
 */
export type Reservation = Disposable

/** Looks at a write before it is checked and stored: fills in, takes resources, or throws an `ApiError` to refuse. */
export type AdmissionPlugin = {
  readonly name: string
  admit(admission: Admission): void | Reservation
}

/** 403 in the words of Kubernetes. */
export function refused({ kind, name }: Pick<Admission, 'kind' | 'name'>, why: string): ApiError {
  const qualified = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
  return new ApiError('Forbidden', `${qualified} ${JSON.stringify(name)} is forbidden: ${why}`, {
    name,
    group: kind.group,
    kind: kind.resource,
  })
}

/** Several as one, given back in the opposite order; more may be added to the list. */
export const reservationOf = (parts: readonly Reservation[]): Reservation => ({
  [Symbol.dispose]() {
    for (const part of parts.toReversed()) part[Symbol.dispose]()
  },
})

/** Runs the plugins in order: `using` what it answers, until the write is over. On a refusal nothing stays reserved. */
export function admit(plugins: readonly AdmissionPlugin[], admission: Admission): Reservation {
  const parts: Reservation[] = []
  const all = reservationOf(parts)
  try {
    for (const plugin of plugins) {
      const part = plugin.admit(admission)
      if (part !== undefined) parts.push(part)
    }
  } catch (refusal) {
    all[Symbol.dispose]()
    throw refusal
  }
  return all
}
