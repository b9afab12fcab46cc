import { discover } from '@bramble/shared/discover.ts'
import { isKindHooks, type KindHooks } from './kind-hooks.ts'

/** The kinds for which the hub does more than the kind says of itself. */
export const hookedKinds: readonly KindHooks[] = discover(import.meta.glob('../kinds/*.ts', { eager: true }), isKindHooks)
