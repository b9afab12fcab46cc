import * as z from 'zod'

/** What Kubernetes has in the tokens of its accounts, under its own name. */
const reference = z.object({ name: z.string(), uid: z.string().optional() })
const claims = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
  exp: z.number(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
  jti: z.string().optional(),
  'kubernetes.io': z.object({
    namespace: z.string(),
    serviceaccount: z.object({ name: z.string(), uid: z.string() }),
    pod: reference.optional(),
    secret: reference.optional(),
    node: reference.optional(),
    warnafter: z.number().optional(),
  }),
})
export type BoundClaims = z.infer<typeof claims>
export type Reference = z.infer<typeof reference>

/** Undefined for claims of something else. */
export const boundClaims = (given: unknown): BoundClaims | undefined => claims.safeParse(given).data

/** An expired token is good for a minute more, and what was deleted a minute ago is still there, as in Kubernetes: clocks differ. */
export const leewayMs = 60_000

/**
 * Nobody but this hub dates these tokens, so one of tomorrow says that the hub's clock has been set back: without a battery it starts with the
 * time at which it was switched off. One that is further ahead was made by a clock that was wrong, and nobody knows when its time is over.
 */
export const aheadMs = 24 * 3_600_000
