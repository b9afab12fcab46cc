import type { Clock } from '@bramble/shared/clock.ts'
import type { Metrics } from '../metrics.ts'
import type { PathRoute } from '../routes/route.ts'
import { type Audit, createAudit, type Sink } from './audit.ts'
import { createAuditPage } from './page.ts'
import type { Policy } from './policy.ts'
import { createRing } from './ring.ts'

/** What is written of requests, and where. */
export type AuditOptions = {
  /** By default what a household would want. */
  readonly policy?: Policy | undefined
  /** Of the newest Events, in memory; 0 keeps none. */
  readonly ringBytes?: number
  /** Where they go beside. */
  readonly sinks?: readonly Sink[]
}

/** Some 1,300 Events: of a household, what was done in days. */
export const defaultRingBytes = 1024 * 1024

type Deps = { readonly options?: AuditOptions | undefined; readonly clock: Clock; readonly metrics: Metrics }

/** The audit log of an apiserver, and where it is read. */
export function createAuditLog({ options = {}, clock, metrics }: Deps): { readonly audit: Audit; readonly paths: readonly PathRoute[] } {
  const { policy, ringBytes = defaultRingBytes, sinks = [] } = options
  if (ringBytes === 0) return { audit: createAudit({ policy, sinks, clock, metrics }), paths: [] }
  const ring = createRing(ringBytes)
  const inMemory: Sink = {
    name: 'memory',
    take(text, by) {
      ring.push(text, by)
      return true
    },
  }
  return { audit: createAudit({ policy, sinks: [inMemory, ...sinks], clock, metrics }), paths: [createAuditPage(ring)] }
}
