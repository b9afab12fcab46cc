import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import type { Call } from '../call.ts'

/** A resourceVersion as the revision it stands for; undefined when none was given. */
export function parseResourceVersion(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(text)}: expected a whole number`)
  return Number(text)
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
