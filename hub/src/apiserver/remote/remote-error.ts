import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import { messageOf } from '@bramble/shared/process/service.ts'

/** A server of somebody else was not reached or did not answer as it should; the message is what Kubernetes would say of it. */
export class RemoteError extends Error {
  /** It had its time. */
  readonly isTimeout: boolean

  constructor(message: string, { isTimeout = false, ...options }: ErrorOptions & { readonly isTimeout?: boolean } = {}) {
    super(message, options)
    this.name = 'RemoteError'
    this.isTimeout = isTimeout
  }
}

const unknownAuthority = 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
const words: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  ECONNRESET: 'EOF',
  EPIPE: 'EOF',
  HPE_HEADER_OVERFLOW: 'net/http: server response headers exceeded the limit',
}

/** What is wrong, in Go's words where it has some. */
export function reasonOf(error: unknown): string {
  const { code = '', reason } = error as { readonly code?: string; readonly reason?: string } // of Node's own errors
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `tls: failed to verify certificate: x509: ${reason ?? messageOf(error)}`
  if (code.startsWith('HPE_') && words[code] === undefined) return `malformed HTTP response: ${messageOf(error)}`
  return words[code] ?? messageOf(error)
}

export const unavailable = (error: unknown): ApiError =>
  isApiError(error) ? error : new ApiError('ServiceUnavailable', `error trying to reach service: ${messageOf(error)}`)
