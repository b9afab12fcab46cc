import { marked } from '@bramble/shared/discover.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { Call, Verbs } from '../call.ts'
import type { Spoken, TextAnswer } from './route.ts'

/** A part of an object with verbs of its own. A file in `subresources/` that exports one is routed, listed and described by that alone. */
export type Subresource = {
  readonly isSubresource: true
  readonly name: string
  /** For which kinds it is there. */
  readonly isOf: (kind: Kind) => boolean
  /** What it takes and gives, if not its kind's own objects. */
  readonly speaks?: Spoken
  /** Its answer is text. */
  readonly text?: TextAnswer
  /** See `Route`. */
  readonly connects?: true
  /** Instead of verbs, see `Route.carries`. */
  readonly carry?: (call: Call) => Promise<ApiResponse>
  /** See `Action`. */
  readonly isLong?: boolean
  readonly verbs?: Verbs<Call>
}

type Definition = Omit<Subresource, 'isSubresource' | 'isOf'> & { readonly isOf?: Subresource['isOf'] }

/** Unless it says otherwise, it is there for kinds that list it by name. */
export const defineSubresource = ({ isOf, ...rest }: Definition): Subresource =>
  Object.freeze({
    ...rest,
    isOf: isOf ?? ((kind: Kind) => kind.subresources?.named?.includes(rest.name) === true),
    isSubresource: true as const,
  })

export const isSubresource = marked<Subresource>('isSubresource')
