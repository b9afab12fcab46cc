import { isObject } from '@bramble/shared/json/is-object.ts'
import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { PatchType } from '@bramble/shared/api/client.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import { unsupportedMediaType } from '../bodies/object-body.ts'
import { jsonPatch } from './json-patch.ts'
import { mergePatch } from './merge-patch.ts'
import { strategicMerge } from './strategic-merge.ts'

export type PatchRequest = {
  /** An apply is no patch of this sort: what it makes follows from who owns what (`ownership/apply.ts`). */
  readonly type: Exclude<PatchType, 'application/apply-patch+yaml'>
  readonly patch: unknown
  /** The object as it is; it may be shared and is never changed. */
  readonly object: object
  /** The type of the object, where it is known: strategic merging needs its list keys. */
  readonly node: TypeNode | undefined
}

/** What a patch would have the object be, not yet checked against its schema: any value, when it takes the place of the whole. */
export function applyPatch({ type, patch, object, node }: PatchRequest): unknown {
  switch (type) {
    case 'application/json-patch+json':
      return jsonPatch(object, patch)
    case 'application/merge-patch+json':
      return mergePatch(object, patch)
    case 'application/strategic-merge-patch+json':
      if (node?.tag !== 'object' || node.open || node.plain)
        throw unsupportedMediaType(['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'])
      return strategicMerge(object, bodyOf(patch, type), node)
    default:
      return type satisfies never
  }
}

function bodyOf(patch: unknown, type: PatchRequest['type']): object {
  if (isObject(patch)) return patch
  throw badRequest(
    `a patch of type ${type} is an object, found ${patch === null ? 'null' : Array.isArray(patch) ? 'a list' : typeof patch}`,
  )
}
