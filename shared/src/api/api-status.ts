import { ApiError, type StatusDetails, type StatusReason } from './api-error.ts'
import { ForeignRefusal } from './foreign-refusal.ts'
import { PageExpired } from './page-expired.ts'

/** The one place that knows which HTTP code a reason has. */
const codes: Readonly<Record<StatusReason, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  ServerTimeout: 504,
  Timeout: 504,
  InsufficientStorage: 507,
  Unknown: 500,
}

export type Status = {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: object
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code?: number
}

export const codeOf = (reason: StatusReason): number => codes[reason]

/** The code that a refusal is answered with. */
export const statusCodeOf = (error: ApiError): number => (error instanceof ForeignRefusal ? error.code : codes[error.reason])

/** What an answer that tells no reason means by its code alone, as Kubernetes' clients take it. */
export const reasonOfCode = (code: number): StatusReason =>
  (Object.keys(codes) as StatusReason[]).findLast((reason) => codes[reason] === code && reason !== 'Unknown') ?? 'InternalError' // the keys of a record of reasons

/** Whether a word from outside is a reason that we know. */
export const isReason = (reason: string | undefined): reason is StatusReason => reason !== undefined && Object.hasOwn(codes, reason)

/** Any thrown thing as its sender is told of it, at every door of the hub. What is no `ApiError` is a fault of ours: its text stays in the log. */
export const toldOf = (thrown: unknown): ApiError =>
  thrown instanceof ApiError
    ? thrown
    : new ApiError('InternalError', 'Internal error occurred: the hub failed to answer; its log has the cause', {}, { cause: thrown })

export function failure(error: ApiError): Status {
  const { message, details } = error
  const reason = error instanceof ForeignRefusal ? error.word : error.reason === 'Unknown' ? '' : error.reason
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: error instanceof PageExpired ? { continue: error.continueToken } : {},
    status: 'Failure',
    message,
    ...(reason !== '' && { reason }),
    ...(Object.keys(details).length > 0 && { details: told(details) }),
    code: statusCodeOf(error),
  }
}

/** Of what was made with the code that says so. */
export const success = (details: StatusDetails, code?: number): Status => ({
  ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' },
  ...(Object.keys(told(details)).length > 0 && { details: told(details) }),
  ...(code !== undefined && { code }),
})

/** An empty text or list says nothing, and is left out as everywhere. */
const told = (details: StatusDetails): StatusDetails =>
  Object.fromEntries(
    Object.entries(details).filter(([, value]) => value !== '' && value !== undefined && (value as readonly unknown[]).length !== 0),
  )
