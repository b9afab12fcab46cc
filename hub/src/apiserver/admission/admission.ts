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

/** Gives back what a plugin took for a write that then did not happen. */
export type Undo = () => void

/** Looks at a write before it is checked and stored: fills in, takes resources, or throws an `ApiError` to refuse. */
export type AdmissionPlugin = {
  readonly name: string
  admit(admission: Admission): void | Undo
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

/** Runs the plugins in order. The undo gives back what all of them took; on a refusal that has happened already. */
export function admit(plugins: readonly AdmissionPlugin[], admission: Admission): Undo {
  const undos: Undo[] = []
  const undo = () => {
    for (const step of undos.toReversed()) step()
  }
  try {
    for (const plugin of plugins) {
      const step = plugin.admit(admission)
      if (step !== undefined) undos.push(step)
    }
  } catch (refusal) {
    undo()
    throw refusal
  }
  return undo
}
