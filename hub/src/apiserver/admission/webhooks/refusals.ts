import { type ApiError, badRequest, type StatusCause, type StatusDetails } from '@bramble/shared/api/api-error.ts'
import { isReason, reasonOfCode } from '@bramble/shared/api/api-status.ts'
import { ForeignRefusal } from '@bramble/shared/api/foreign-refusal.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import type { Verdict } from './review.ts'

/** A webhook was not heard, or what it said was no answer. Whether that is a refusal is up to its failure policy. */
export class NotHeard extends Error {
  constructor(webhook: string, why: string, cause?: unknown) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${why}`, { cause })
  }
}

/** 500 as Kubernetes tells what is no fault of the sender, with the cause in it. */
export function internal(message: string, cause?: unknown): ForeignRefusal {
  const word = 'InternalError'
  const told = {
    reason: word,
    word,
    code: 500,
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ message }] },
  } as const
  return new ForeignRefusal(told, { cause })
}

export const noDryRun = (webhook: string): ApiError => badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`)

// As much as anybody reads of what somebody else has to say.
const longestText = 16 * 1024
const mostCauses = 100

/** What a webhook says of why not, with the code that it says, if that is one of a refusal. */
export function denied(webhook: string, { status }: Pick<Verdict, 'status'>): ForeignRefusal {
  const { code: given, message = '', reason = '', details } = status
  const code = typeof given === 'number' && Number.isInteger(given) && given >= 400 && given <= 599 ? given : 400
  const word = shown(reason)
  const by = `admission webhook ${JSON.stringify(webhook)} denied the request`
  const why = shown(message) === '' ? word : shown(message)
  return new ForeignRefusal({
    reason: isReason(word) ? word : reasonOfCode(code),
    ...{ code, word, message: why === '' ? `${by} without explanation` : `${by}: ${why}` },
    details: detailsOf(details),
  })
}

function detailsOf(details: unknown): StatusDetails {
  if (!isObject(details)) return {}
  const { name, group, kind, uid, causes, retryAfterSeconds } = details
  return {
    ...{ name: shown(name), group: shown(group), kind: shown(kind), uid: shown(uid) },
    ...(Array.isArray(causes) && { causes: causes.filter(isObject).slice(0, mostCauses).map(causeOf) }),
    ...(typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0 && { retryAfterSeconds }),
  }
}

const causeOf = ({ reason, message, field }: Readonly<Record<string, unknown>>): StatusCause =>
  Object.fromEntries(
    Object.entries({ reason: shown(reason), message: shown(message), field: shown(field) }).filter(([, text]) => text !== ''),
  )

const shown = (value: unknown): string => (typeof value === 'string' ? value.slice(0, longestText) : '')
