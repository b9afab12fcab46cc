import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { NotAllowed } from './not-allowed.ts'
import { failure, statusCodeOf, toldOf } from '@bramble/shared/api/api-status.ts'

/** Any thrown thing as the answer its sender gets. */
export function failureResponse(thrown: unknown): ApiResponse {
  const error = toldOf(thrown)
  const retryAfter = error.details.retryAfterSeconds
  return {
    type: 'object',
    status: statusCodeOf(error),
    object: failure(error),
    ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }),
    ...(error instanceof NotAllowed && { headers: { allow: error.methods.join(', ') } }),
  }
}
