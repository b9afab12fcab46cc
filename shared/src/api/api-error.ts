import { exactJson } from '../json/exact-json.ts'
import { setOwn } from '../json/own.ts'
import { hasMoreParts } from './object-size.ts'

/** The machine-readable reasons of a Kubernetes `Status` (meta/v1 StatusReason). */
export type StatusReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServiceUnavailable'
  /** Ours, with HTTP's own name: what is stored has all the room that there is. */
  | 'InsufficientStorage'
  | 'ServerTimeout'
  | 'Timeout'
  /** Told as no reason at all, with 500: what Kubernetes has no better word for. */
  | 'Unknown'

/** Why one field was refused (meta/v1 CauseType); `field` is a path such as `spec.containers[0].image`. */
export type FieldReason =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'FieldManagerConflict'

export type StatusCause = { readonly reason?: string; readonly message?: string; readonly field?: string }

export type StatusDetails = {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** Every refusal of the API, by whatever way it came in. Only `api-status.ts` knows the HTTP codes. */
export class ApiError extends Error {
  readonly reason: StatusReason
  readonly details: StatusDetails

  constructor(reason: StatusReason, message: string, details: StatusDetails = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ApiError'
    this.reason = reason
    this.details = details
  }
}

/** Nothing can be followed from there: the history is gone, or it was another hub's, whose store is lost. List again. */
export const mustListAgain = (error: unknown): boolean =>
  isApiError(error, 'Expired') ||
  isApiError(error, 'Gone') ||
  (isApiError(error, 'Timeout') && error.details.causes?.some(({ reason }) => reason === 'ResourceVersionTooLarge') === true)

/** What an error needs to know of a kind to name it as Kubernetes does: `deployments.apps "web" not found`. */
export type Named = {
  readonly group: string
  readonly resource: string
  readonly kind: string
  /** What `invalid` names instead of the group. */
  readonly toldGroup?: string
}

const qualified = ({ group, resource }: Named) => (group === '' ? resource : `${resource}.${group}`)

export const notFound = (kind: Named, name: string) =>
  new ApiError('NotFound', `${qualified(kind)} "${name}" not found`, { name, group: kind.group, kind: kind.resource })

/** A path that is not served; `what` names the part that is missing, such as `pods/exec`. Some clients read the details unasked. */
export const noSuchResource = (what?: string) =>
  new ApiError('NotFound', `the server could not find the requested resource${what === undefined ? '' : ` (${what})`}`, {
    causes: [],
  })

export const alreadyExists = (kind: Named, name: string) =>
  new ApiError('AlreadyExists', `${qualified(kind)} "${name}" already exists`, { name, group: kind.group, kind: kind.resource })

export const conflict = (kind: Named, name: string, why: string) =>
  new ApiError('Conflict', `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${why}`, {
    name,
    group: kind.group,
    kind: kind.resource,
  })

export const staleObject = (kind: Named, name: string) =>
  conflict(kind, name, 'the object has been modified; please apply your changes to the latest version and try again')

export const badRequest = (message: string, cause?: unknown) => new ApiError('BadRequest', message, {}, { cause })

/** One refused field; `invalid` collects them. */
export type FieldError = { readonly reason: FieldReason; readonly field: string; readonly message: string }

/**
 * A refused field that is put in words when somebody reads them: a body may have thirty thousand wrong values, and a hundred are told. What the words
 * are about may not change until then.
 */
export const wordedLater = (reason: FieldReason, field: string, words: () => string): FieldError => ({
  reason,
  field,
  get message() {
    return words()
  },
})

export const fieldRequired = (field: string, detail = ''): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  message: detail === '' ? 'Required value' : `Required value: ${detail}`,
})
export const fieldInvalid = (field: string, value: unknown, detail: string): FieldError =>
  wordedLater('FieldValueInvalid', field, () => `Invalid value: ${shownValue(value)}: ${detail}`)
export const fieldForbidden = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${detail}`,
})
export const fieldNotSupported = (field: string, value: unknown, supported: readonly unknown[]): FieldError =>
  wordedLater('FieldValueNotSupported', field, () => `Unsupported value: ${shownValue(value)}: supported values: ${shownChoice(supported)}`)
export const fieldDuplicate = (field: string, value: unknown): FieldError =>
  wordedLater('FieldValueDuplicate', field, () => `Duplicate value: ${shownValue(value)}`)

// As many as anybody reads. A body may have thirty thousand, each told twice, in the message and in the causes.
const maxCauses = 100
const maxCauseLength = 2000

// The longest label has 317.
const maxNameLength = 320

/** Of a name as much as is shown in a path, because every path below repeats it. */
export const shownName = (name: string): string => (name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name)

/** A refused value, as much of it as tells which one it is. What it takes is bounded by that and not by the value. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return value.length > maxCauseLength ? `${exactJson(value.slice(0, maxCauseLength))}…` : exactJson(value)
  if (hasMoreParts(value, 1000)) return Array.isArray(value) ? `a list of ${value.length}` : 'an object of more than 1000 parts'
  return cut(exactJson(withShortTexts(value)))
}

/** What is cut off of a text lies behind the end of what is shown. */
function withShortTexts(value: unknown): unknown {
  if (typeof value === 'string') return value.length > maxCauseLength ? value.slice(0, maxCauseLength) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withShortTexts)
  const copy: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) setOwn(copy, name.slice(0, maxCauseLength), withShortTexts(member))
  return copy
}

const maxChoices = 100

/** All of a choice that a person can look through. */
function shownChoice(supported: readonly unknown[]): string {
  const shown = supported.slice(0, maxChoices).map((each) => exactJson(typeof each === 'string' ? each : exactJson(each)))
  if (supported.length > maxChoices) shown.push(`and ${supported.length - maxChoices} more`)
  return shown.join(', ')
}

const cut = (text: string): string => (text.length > maxCauseLength ? `${text.slice(0, maxCauseLength)}…` : text)

/** 422 with the refused fields, the first hundred of them, worded as kubectl users know it: `Deployment.apps "x" is invalid: spec.replicas: Invalid value: …`. */
export function invalid(kind: Named, name: string, all: readonly FieldError[]): ApiError {
  const errors = all.slice(0, maxCauses).map(({ reason, field, message }) => ({ reason, field: cut(field), message: cut(message) }))
  const lines = errors.map(({ field, message }) => `${field}: ${message}`)
  if (all.length > maxCauses) lines.push(`and ${all.length - maxCauses} more`)
  const text = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`
  const { toldGroup: group = kind.group } = kind
  const qualifiedKind = group === '' ? kind.kind : `${kind.kind}.${group}`
  const shownName = cut(name)
  return new ApiError('Invalid', `${qualifiedKind} "${shownName}" is invalid: ${text}`, {
    name: shownName,
    group,
    kind: kind.kind,
    causes: errors.map(({ reason, field, message }) => ({ reason, message, field })),
  })
}

export const isApiError = (error: unknown, reason?: StatusReason): error is ApiError =>
  error instanceof ApiError && (reason === undefined || error.reason === reason)
