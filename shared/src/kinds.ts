import { discover } from './discover.ts'
import { isKind } from './schema/kind.ts'
import type { Kind } from './schema/kind.ts'

/** Every API resource that Bramble serves, in the order of their file names. */
export const kinds: readonly Kind[] = discover(import.meta.glob('./kinds/*.ts', { eager: true }), isKind)
