import { discover } from '@bramble/shared/discover.ts'
import { isTarget, type Target } from './target.ts'

/** Every target of the folder. */
export const targets: readonly Target[] = discover(import.meta.glob('./targets/*.ts', { eager: true }), isTarget)
