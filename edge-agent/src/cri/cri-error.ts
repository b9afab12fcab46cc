/** The status codes of gRPC by number. */
const codes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const

export type CriCode = (typeof codes)[number]

export const criCode = (number: number): CriCode => codes[number] ?? 'UNKNOWN'

/** What the container runtime, or the way to it, answered instead of a result. */
export class CriError extends Error {
  readonly code: CriCode
  readonly method: string

  constructor(code: CriCode, method: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CriError'
    this.code = code
    this.method = method
  }
}

export const isCriError = (error: unknown, code?: CriCode): error is CriError =>
  error instanceof CriError && (code === undefined || error.code === code)
