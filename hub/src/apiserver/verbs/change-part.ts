import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { objectFromBody } from '../bodies/object-body.ts'
import type { WriteCall } from '../call.ts'
import { cloneJson } from '../json.ts'
import { changedResponse, changeObject } from './change.ts'
import type { Part } from './scope.ts'

/** A PUT of a whole object through the subresource of a part of it. */
export async function changePart(call: WriteCall, scope: Part): Promise<ApiResponse> {
  const body = objectFromBody(call)
  return changedResponse(call, await changeObject(call, { scope, next: () => cloneJson(body) }))
}
