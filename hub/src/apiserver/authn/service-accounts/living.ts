import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../../store/store.ts'
import type { Registry } from '../../objects/registry.ts'
import { leewayMs } from './claims.ts'

export type Held<T extends KubeObject> = {
  readonly kind: Kind<T>
  readonly namespace?: string
  readonly name: string
}

/** What there is of an object now: nothing, one that was deleted and whose time is over, or which one it is. */
export type Living<T extends KubeObject> =
  | { readonly type: 'none' }
  | { readonly type: 'ended' }
  | { readonly type: 'there'; readonly object: T }

/** Looks at one object as often as it is asked; it is read again only after it has changed. */
export function createLiving<T extends KubeObject>(registry: Registry, { kind, namespace, name }: Held<T>): (now: number) => Living<T> {
  let seen: { readonly entry: Entry; readonly there: Living<T>; readonly endedAt: number } | undefined
  return (now) => {
    const entry = registry.find(kind, namespace, name)
    if (entry === undefined) return none
    if (seen?.entry !== entry) {
      const object = objectIn(registry, kind, entry)
      // What cannot be read gives nobody a right.
      if (object === undefined) return none
      const { deletionTimestamp } = object.metadata
      const endedAt = deletionTimestamp === undefined ? Infinity : Date.parse(deletionTimestamp) + leewayMs
      seen = { entry, there: { type: 'there', object }, endedAt }
    }
    return now > seen.endedAt ? ended : seen.there
  }
}

const none = { type: 'none' } as const
const ended = { type: 'ended' } as const

function objectIn<T extends KubeObject>(registry: Registry, kind: Kind<T>, entry: Entry): T | undefined {
  try {
    return registry.objectOf(kind, entry)
  } catch (error) {
    if (isApiError(error)) return undefined
    throw error
  }
}
