import { type ApiError, fieldInvalid, invalid, isApiError } from '@bramble/shared/api/api-error.ts'
import type { PatchType } from '@bramble/shared/api/client.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import { goText, restoreWords } from './restore-words.ts'

/** `isSealed`: of a kind that is encrypted on disk; what is told of it ends up in shells and logs, so nothing of it is quoted. */
export type Quoted = { readonly body: unknown; readonly isSealed: boolean }

/** 422: the patch itself can be read, but what it makes of the object cannot. Kubernetes names it as a field `patch` of nothing. */
export const undecodable = (given: Quoted, why: string): ApiError => ofNothing(given, exactJson, why)

const ofNothing = ({ body, isSealed }: Quoted, textOf: (body: unknown) => string, why: string): ApiError =>
  invalid({ group: '', kind: '', resource: '' }, '', [fieldInvalid('patch', isSealed ? '***' : textOf(body), why)])

type Made = {
  readonly given: Quoted & { readonly type: PatchType }
  /** What the patch made, and of which type it should be. */
  readonly made: object
  readonly node: TypeNode
  /** What a body would be refused with. */
  readonly prefix: string
}

/** What is made of a patched object. A strategic merge is never JSON again before it is one, and has a converter's words for what it cannot be. */
export function decoded<T>({ given, made, node, prefix }: Made, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (!isApiError(error, 'BadRequest')) throw error
    const why = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message
    if (given.type !== 'application/strategic-merge-patch+json') throw undecodable(given, why)
    throw ofNothing(given, goText, restoreWords(node, made) ?? why)
  }
}
