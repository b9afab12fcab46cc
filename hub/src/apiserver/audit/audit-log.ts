import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import type { Metrics } from '../metrics.ts'
import type { PathRoute } from '../routes/route.ts'
import { type Audit, createAudit, type Sink } from './audit.ts'
import { createAuditPage } from './page.ts'
import type { Policy } from './policy.ts'
import { createRing, type Ring } from './ring.ts'
import { type Output, writtenLines } from './written-lines.ts'

/** What is written of requests, and where. */
export type AuditOptions = {
  /** By default what a household would want. */
  readonly policy?: Policy | undefined
  /** Of the newest Events, in memory; 0 keeps none. */
  readonly ringBytes?: number
  /** Where all of them are written for good. */
  readonly output?: Output | undefined
  /** Who else takes them. */
  readonly sinks?: readonly Sink[]
}

/** About a thousand Events: of a household, what was done in days. */
export const defaultRingBytes = 1024 * 1024

type Deps = { readonly options?: AuditOptions | undefined; readonly clock: Clock; readonly log: Log; readonly metrics: Metrics }

export type AuditLog = {
  readonly audit: Audit
  /** Where it is read. */
  readonly paths: readonly PathRoute[]
  /** What writes it, if it is written for good. */
  readonly services: readonly Service[]
}

/** The audit log of an apiserver: what is written, where it goes and where it is read. */
export function createAuditLog({ options = {}, clock, log, metrics }: Deps): AuditLog {
  const { policy, ringBytes = defaultRingBytes, output, sinks = [] } = options
  const ring = ringBytes === 0 ? undefined : createRing(ringBytes)
  const onLost = (lines: number) => metrics.auditErrors.add({ plugin: 'log' }, lines)
  const written = output === undefined ? undefined : writtenLines({ output, log, onLost })
  const all = [...(ring === undefined ? [] : [inMemory(ring)]), ...(written === undefined ? [] : [written]), ...sinks]
  return {
    audit: createAudit({ policy, sinks: all, clock, metrics }),
    paths: ring === undefined ? [] : [createAuditPage(ring)],
    services: written === undefined ? [] : [written.service],
  }
}

const inMemory = (ring: Ring): Sink => ({
  name: 'memory',
  take(text, by) {
    ring.push(text, by)
    return true
  },
})
