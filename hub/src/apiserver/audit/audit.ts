import type { Caller } from '@bramble/shared/api/api-request.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Metrics } from '../metrics.ts'
import { defaultPolicy } from './default-policy.ts'
import type { Level, Policy } from './policy.ts'
import { AuditRecord, type Received } from './record.ts'
import { createRules } from './rules.ts'

/** Where lines go: each takes what it has room for, and holds up nobody. */
export type Sink = {
  /** False: it is lost. */
  take(text: string, by: string): boolean
  readonly name: string
}

export type Audit = {
  /** What is to be written of a request; undefined when nothing is. */
  begin(received: Omit<Received, 'user' | 'address'>, caller: Pick<Caller, 'user' | 'address' | 'account'>): AuditRecord | undefined
  /** Of somebody who has shown a certificate or a token that is good for nothing. */
  beginUnknown(received: Omit<Received, 'user'>): AuditRecord | undefined
}

export type AuditDeps = {
  /** By default what a household would want, and then the hub's own parts are passed over. */
  readonly policy?: Policy | undefined
  readonly sinks: readonly Sink[]
  readonly clock: Clock
  readonly metrics: Pick<Metrics, 'auditEvents' | 'auditErrors' | 'auditLevels' | 'auditRejected'>
}

/** Decides what is written of whom, and hands it to where it is kept. A request that nothing is written of costs the look at the rules. */
export function createAudit({ policy, sinks, clock, metrics }: AuditDeps): Audit {
  const extentOf = createRules(policy ?? defaultPolicy)
  const passesOwnParts = policy === undefined
  const events = metrics.auditEvents.of({})
  const levels: Readonly<Record<Level, { count: number }>> = {
    None: metrics.auditLevels.of({ level: 'None' }),
    Metadata: metrics.auditLevels.of({ level: 'Metadata' }),
    Request: metrics.auditLevels.of({ level: 'Request' }),
    RequestResponse: metrics.auditLevels.of({ level: 'RequestResponse' }),
  }
  for (const { name } of sinks) metrics.auditErrors.of({ plugin: name })
  metrics.auditRejected.of({}) // Nobody is: who is not written of is answered all the same.
  const write = (text: string, by: string): void => {
    events.count++
    for (const sink of sinks) if (!sink.take(text, by)) metrics.auditErrors.of({ plugin: sink.name }).count++
  }
  const deps = { clock, write }
  const begun = (received: Received): AuditRecord | undefined => {
    const extent = extentOf(received)
    levels[extent.level].count++
    if (extent.level === 'None') return undefined
    return new AuditRecord(received, extent, deps)
  }
  return {
    begin({ id, request, info }, { user, address, account }) {
      if (passesOwnParts && account.of === 'hub') {
        levels.None.count++
        return undefined
      }
      return begun({ id, request, info, user, address })
    },
    beginUnknown: (received) => begun({ ...received, user: undefined }),
  }
}

/** For a door that nobody keeps a log for. */
export const unwritten: Audit = { begin: () => undefined, beginUnknown: () => undefined }
