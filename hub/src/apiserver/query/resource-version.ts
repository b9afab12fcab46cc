import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import type { ObjectMeta } from '@bramble/shared/meta/object-meta.ts'
import { shownText } from '@bramble/shared/text/shown-text.ts'
import type { Call } from '../call.ts'

/** A resourceVersion as the revision it stands for; undefined when none was given. What is none is 500 of Kubernetes' reads. */
export function parseResourceVersion(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  const why = whyNoRevision(text)
  if (why !== undefined) throw new ApiError('Unknown', wrongInQuery(text, why))
  // No store gets that far, so one beyond what can be told apart is as far ahead as any.
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
}

/** Of a list, and of the deletion of one, it is the sender's fault. */
export function parseListedVersion(text: string | null): number | undefined {
  const why = text === null || text === '' ? undefined : whyNoRevision(text)
  if (why !== undefined) throw badRequest(`invalid resource version: ${wrongInQuery(text ?? '', why)}`)
  return parseResourceVersion(text)
}

/** What a body says that it was made from must be a revision, if it says anything. */
export function checkRevisionIn({ resourceVersion: text = '' }: ObjectMeta): void {
  const why = text === '' ? undefined : whyNoRevision(text)
  if (why !== undefined) throw new ApiError('Unknown', why)
}

const wrongInQuery = (text: string, why: string): string => `resourceVersion: Invalid value: ${JSON.stringify(shownText(text))}: ${why}`

const largest = 2n ** 64n - 1n

/** In the words of Go, as Kubernetes' clients see them. */
function whyNoRevision(text: string): string | undefined {
  const digits = /^\d+$/.test(text) ? text.replace(/^0+/, '') : undefined
  if (digits !== undefined && (digits.length < 20 || (digits.length === 20 && BigInt(digits) <= largest))) return undefined
  return `strconv.ParseUint: parsing ${JSON.stringify(shownText(text))}: ${digits === undefined ? 'invalid syntax' : 'value out of range'}`
}

/** History before a point is gone: the caller lists again and goes on from there. */
export const expired = (message: string) => new ApiError('Expired', message)

export const tooOld = (asked: number, oldest: number) => expired(`too old resource version: ${asked} (${oldest})`)

export const tooLarge = (asked: number, current: number) =>
  new ApiError('Timeout', `Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })

/** This revision, once the kind stands at it; 504 if that takes too long. A caller who was told of it by a hub that was lost lists anew. */
export async function reached({ api, kind, request }: Call, revision: number): Promise<number> {
  const { store } = api.registry
  const scope = api.registry.prefixOf(kind)
  if (revision <= store.revisionOf(scope)) return revision
  using late = createDeadline(api.mayLagMs, request.signal)
  await store.reached(scope, revision, late.signal)
  const current = store.revisionOf(scope)
  if (revision > current) throw tooLarge(revision, current)
  return revision
}
