import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { codeOf, failure } from '@bramble/shared/api/api-status.ts'

/** Any thrown thing as the answer its sender gets. What is no `ApiError` is ours: its text stays in the log. */
export function failureResponse(thrown: unknown): ApiResponse {
  const error =
    thrown instanceof ApiError
      ? thrown
      : new ApiError('InternalError', 'Internal error occurred: the hub failed to answer; its log has the cause', {}, { cause: thrown })
  const retryAfter = error.details.retryAfterSeconds
  return {
    type: 'object',
    status: codeOf(error.reason),
    object: failure(error),
    ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }),
  }
}
