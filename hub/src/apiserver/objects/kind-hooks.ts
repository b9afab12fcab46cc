import type { User } from '@bramble/shared/api/api-request.ts'
import { marked } from '@bramble/shared/discover.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'

/** What the hub does for one kind, beyond what the kind says of itself. Written as methods, so that those of one type pass for any. */
export type KindHooks<T extends KubeObject = KubeObject> = {
  readonly isKindHooks: true
  readonly kind: Kind<T>
  /** What every cluster has of it from its first start on. */
  readonly first?: readonly T[]
  readonly view?: {
    /** The name of the one object that this user sees whole, while it is shown the view of all others; undefined: it sees all of them whole. */
    ownOf(user: User): string | undefined
    /** Made once for all who are shown it. */
    shown(object: T): T
  }
}

/** A file in `kinds/` exports it; whatever serves any kind asks here instead of for a kind by its name. */
export const defineKindHooks = <T extends KubeObject>(hooks: Omit<KindHooks<T>, 'isKindHooks'>): KindHooks<T> => ({
  ...hooks,
  isKindHooks: true,
})

export const isKindHooks = marked<KindHooks>('isKindHooks')
