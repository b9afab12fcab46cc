import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Hold } from '../../store/store.ts'
import type { Origin } from '../objects/origin.ts'

/** A write on its way in. `object` may be changed in place until it is validated; `previous` is what is stored. */
export type Admission = {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly kind: Kind
  readonly namespace?: string
  readonly name: string
  readonly object?: KubeObject
  readonly previous?: KubeObject
  readonly origin: Origin
  /** Shown to the sender beside the answer. */
  readonly warn?: (text: string) => void
}

/**
 * Looks at a write before it is stored, in three phases; each may throw an `ApiError` to refuse. All plugins go through one phase before
 * the first goes through the next. A deletion goes through the first and the last.
 */
export type AdmissionPlugin = {
  readonly name: string
  /** Fills in what the sender left out, or turns away who has no business here. */
  admit?(admission: Admission): void | Promise<void>
  /** Gives what depends on the whole object as its sender and all plugins want it: addresses. */
  complete?(admission: Admission): void | Promise<void>
  /** Looks at the object as it would be stored, and changes nothing. */
  validate?(admission: Admission): void | Promise<void>
  /** What all of this relied on and must still be so in the transaction that writes the object. In the turn in which it is written. */
  holds?(admission: Admission): readonly Hold[]
}

export type Phase = 'admit' | 'complete' | 'validate'

/** 403 in the words of Kubernetes. */
export function refused({ kind, name }: Pick<Admission, 'kind' | 'name'>, why: string): ApiError {
  const qualified = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
  return new ApiError('Forbidden', `${qualified} ${JSON.stringify(name)} is forbidden: ${why}`, {
    name,
    group: kind.group,
    kind: kind.resource,
  })
}

/** One phase: the plugins in order. */
export async function goThrough(phase: Phase, plugins: readonly AdmissionPlugin[], admission: Admission): Promise<void> {
  for (const plugin of plugins) {
    const working = plugin[phase]?.(admission)
    // Most decide at once, and nothing waits for those.
    if (working !== undefined) await working
  }
}

export const holdsOf = (plugins: readonly AdmissionPlugin[], admission: Admission): readonly Hold[] =>
  plugins.flatMap((plugin) => plugin.holds?.(admission) ?? [])
