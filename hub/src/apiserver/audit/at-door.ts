import { type ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse, Caller, Method } from '@bramble/shared/api/api-request.ts'
import { randomUUID } from 'node:crypto'
import { failureResponse } from '../answers/status.ts'
import { requestInfo } from '../query/request-info.ts'
import type { Audit } from './audit.ts'
import { auditIdOf } from './audit-id.ts'

/** A request that a door does not let in. */
export type TurnedAway = {
  readonly method: string
  /** As it came, with its query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly caller: Caller
  /** Whoever it was is not known: what was shown is good for nothing. */
  readonly isUnknown: boolean
  readonly error: ApiError
}

/**
 * The answer to a request that never reaches the chain, and what is written of it: at the stage and in the words of Kubernetes when it could not be told
 * from whom it is (401), and else as any other.
 */
export function turnedAway(audit: Pick<Audit, 'begin' | 'beginUnknown'>, away: TurnedAway): ApiResponse {
  const { method, url, headers, caller, isUnknown, error } = away
  const answer = failureResponse(error)
  const id = auditIdOf(headers) ?? randomUUID()
  const at = url.indexOf('?')
  const path = decoded(at < 0 ? url : url.slice(0, at))
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
  const request = { path, query, headers, uri: url }
  const info = requestInfo(Object.hasOwn(methods, method) ? (method as Method) : 'GET', path, query)
  const record = isUnknown ? audit.beginUnknown({ id, request, info, address: caller.address }) : audit.begin({ id, request, info }, caller)
  if (record !== undefined && isUnknown) record.refused({ message: attempted(headers), code: answer.status }, 'ResponseStarted')
  else if (record !== undefined) {
    record.stage('RequestReceived')
    record.answered(answer)
    record.stage('ResponseComplete')
  }
  return { ...answer, headers: { ...answer.headers, 'audit-id': id } }
}

const methods: Readonly<Record<Method, true>> = { GET: true, POST: true, PUT: true, PATCH: true, DELETE: true }

/** What is not encoded well is written as it stands. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** By what somebody has tried to be known. */
function attempted({ authorization = '' }: TurnedAway['headers']): string {
  const scheme = /^\s*(basic|bearer)\s/i.exec(authorization)?.[1]?.toLowerCase()
  return `Authentication failed, attempted: ${scheme ?? 'x509'}`
}
