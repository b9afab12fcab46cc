import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'

/** 403 in the words of Kubernetes. */
export function refused({ kind, name }: { readonly kind: Kind; readonly name: string }, why: string): ApiError {
  const qualified = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
  return new ApiError('Forbidden', `${qualified} ${JSON.stringify(name)} is forbidden: ${why}`, {
    name,
    group: kind.group,
    kind: kind.resource,
  })
}
