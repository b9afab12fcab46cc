import { marked } from '@bramble/shared/discover.ts'
import type { Asked, Verbs } from '../call.ts'
import type { Spoken } from './route.ts'

/** A resource that asks for something and is not stored. A file in `posted/` that exports one is routed and listed by that alone. */
export type Posted = {
  readonly isPosted: true
  readonly type: Spoken & { readonly resource: string }
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: Verbs<Asked>
}

export const definePosted = (definition: Omit<Posted, 'isPosted'>): Posted => Object.freeze({ ...definition, isPosted: true as const })

export const isPosted = marked<Posted>('isPosted')
