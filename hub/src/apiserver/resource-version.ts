import { ApiError, badRequest } from '@bramble/shared/api-error.ts'

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
