import { createAllowance } from '@bramble/shared/limits/allowance.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Clock } from '@bramble/shared/clock.ts'

export type Renew = (request: { node: string; csrPem: string; key: string }) => Promise<{ certificatePem: string }>

// A certificate is renewed after half of its life, and again when the answer was lost. Each is a signature and an entry in the log.
const renewalsAnHour = 12

/** So many for each node. */
export function renewSlowly(renew: Renew, clock: Clock): Renew {
  const renewals = createAllowance({ clock, burst: renewalsAnHour, perSecond: renewalsAnHour / 3600 })
  return async (request) => {
    if (!renewals.take(request.node))
      throw new ApiError(
        'TooManyRequests',
        `node ${request.node} has had ${renewalsAnHour} certificates within the hour: try again later`,
        { retryAfterSeconds: 3600 / renewalsAnHour },
      )
    return renew(request)
  }
}
