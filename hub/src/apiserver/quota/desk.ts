import type { Clock } from '@bramble/shared/clock.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { nextTurn } from '@bramble/shared/async/turns.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry, Store, WriteResult } from '../../store/store.ts'
import { refused } from '../admission/refused.ts'
import type { Origin } from '../objects/origin.ts'
import { type Batch, emptyBatch, type Planned } from './batch.ts'
import { type Change, charge, type Standing, standingOf } from './charge.ts'
import { createQuotasOf, type PrefixOf, type QuotasOf } from './quotas-of.ts'
import { isCounted, isCountedBy } from './usage.ts'

/** A write of an object, on its way to the store. `plan` says what it takes there, asked in the turn in which it is handed over. */
export type Write = {
  readonly kind: Kind
  readonly key: string
  readonly origin: Origin
  readonly before?: KubeObject | undefined
  readonly after?: KubeObject | undefined
  readonly plan: () => Planned
}

type Job = Write & {
  readonly resolve: (result: WriteResult) => void
  readonly reject: (error: unknown) => void
}

/**
 * Where objects are counted: each change of what a quota counts is written in one transaction with the quota that says so, so that there is
 * never more than it allows and nothing is counted that is not there, in whatever hub.
 *
 * Invariants: of one namespace one transaction is under way at a time, and what comes meanwhile goes into the next one together: a quota is
 * written once for all of them. What a quota may count goes this way even if it does not count yet; the quota stands as it was seen
 * where it is written.
 */
export type QuotaDesk = {
  /** Whether anybody may have to know how an object of the kind was. */
  counts(kind: Kind, namespace: string | undefined): boolean
  /** Undefined if no quota of the namespace has anything to say of it: then it is written like anything else. */
  write(write: Write): Promise<WriteResult> | undefined
  /** Throws what a write would be refused with, and counts nothing. */
  check(write: Omit<Write, 'key' | 'plan'>): void
  /** Runs when nothing that is counted in the namespace is under way, and nothing is until it is done. */
  alone(namespace: string, run: () => Promise<void>): Promise<void>
  readonly quotasOf: QuotasOf
}

export type QuotaDeskDeps = { readonly store: Store; readonly clock: Pick<Clock, 'now'>; readonly prefixOf: PrefixOf }

type Line = { jobs: (Job | { readonly run: () => Promise<void> })[] }

/** Most of what is under way at once waits for one object each. */
const maxTogether = 200

export function createQuotaDesk({ store, clock, prefixOf }: QuotaDeskDeps): QuotaDesk {
  const quotasOf = createQuotasOf({ store, prefixOf, clock })
  const lines = new Map<string, Line>()

  const changeOf = ({ kind, before, after, origin }: Omit<Write, 'key' | 'plan'>): Change => ({
    ...{ kind, before, after, now: clock.now() },
    isAsked: after !== undefined && isAsked(kind, origin, before === undefined),
  })

  /** Whether it must be written together with the quotas. What changes nothing that they count need not, but for what is new. */
  const isTheirs = (write: Omit<Write, 'key' | 'plan'>, namespace: string): boolean => {
    if (!isCounted(write.kind)) return false
    const quotas = quotasOf.all(namespace)
    if (!quotas.some(({ quota: { spec, status } }) => namesOf(spec?.hard, status?.hard).some((name) => isCountedBy(write.kind, name))))
      return false
    if (write.before === undefined) return true
    const standings = quotas.map(({ quota }) => standingOf(quota))
    const charged = charge(standings, { ...changeOf(write), isAsked: false })
    return charged.type === 'charged' && charged.standings.some((standing, at) => standing !== standings[at])
  }

  const enter = (namespace: string, job: Line['jobs'][number]): void => {
    const line = lines.get(namespace)
    if (line !== undefined) return void line.jobs.push(job)
    const begun: Line = { jobs: [job] }
    lines.set(namespace, begun)
    void work(namespace, begun)
  }

  /** Never rejects: what goes wrong is told to those who wait for it. */
  async function work(namespace: string, line: Line): Promise<void> {
    // All who come in this turn go together; and between two transactions whoever changes a quota itself gets in.
    await nextTurn()
    while (line.jobs.length > 0) {
      const [first] = line.jobs
      if (first !== undefined && 'run' in first) {
        line.jobs.shift()
        await first.run()
      } else await writeTogether(namespace, line)
      await nextTurn()
    }
    lines.delete(namespace)
  }

  async function writeTogether(namespace: string, line: Line, most = maxTogether): Promise<void> {
    const quotas = quotasOf.all(namespace)
    const batch = emptyBatch<Job>(store)
    const before: readonly Standing[] = quotas.map(({ quota }) => standingOf(quota))
    let standings = before
    const later: Line['jobs'] = []
    while (line.jobs.length > 0 && batch.jobs.length < most) {
      const job = line.jobs[0]
      if (job === undefined || 'run' in job) break
      line.jobs.shift()
      try {
        const change = changeOf(job)
        const charged = charge(standings, change)
        if (charged.type === 'refused') throw refusal(job, charged.why)
        // Two that want the same go one after the other.
        if (batch.add(job, job.plan())) standings = charged.standings
        else later.push(job)
      } catch (error) {
        job.reject(error)
      }
    }
    line.jobs.unshift(...later)
    if (batch.jobs.length === 0) return
    await settle({ batch, line, quotas, isSame: (at) => standings[at] === before[at], usedOf: (at) => standings[at]?.used ?? {} })
  }

  type Settling = {
    readonly batch: Batch<Job>
    readonly line: Line
    readonly quotas: ReturnType<QuotasOf['all']>
    readonly isSame: (at: number) => boolean
    readonly usedOf: (at: number) => Parameters<QuotasOf['withUsed']>[1]
  }

  async function settle({ batch, line, quotas, isSame, usedOf }: Settling): Promise<void> {
    const { jobs } = batch
    // One that goes itself is not said to count itself any more.
    const others = quotas.map((one, at) => ({ one, at })).filter(({ one }) => !batch.has(one.entry.key))
    try {
      const outcome = await batch.write({
        writes: others.flatMap(({ one, at }) => (isSame(at) ? [] : [quotasOf.withUsed(one, usedOf(at))])),
        holds: others.flatMap(({ one: { entry }, at }) => (isSame(at) ? [{ key: entry.key, revision: entry.revision }] : [])),
      })
      if (outcome.type === 'written') {
        for (const [at, job] of jobs.entries()) job.resolve({ type: 'written', entry: outcome.entries[at] as Entry }) // one for each
        return
      }
      // One of them has lost a race, or a quota was changed by somebody else: then all others, or all, are decided again.
      const { conflict, of } = outcome
      for (const job of of) job.resolve(conflict)
      line.jobs.unshift(...jobs.filter((job) => !of.includes(job)))
    } catch (error) {
      if (jobs.length === 1) return jobs[0]?.reject(error)
      // What is wrong with one of them is not the fault of the others.
      for (const job of jobs) {
        const alone: Line = { jobs: [job] }
        while (alone.jobs.length > 0) await writeTogether(namespaceOf(job), alone, 1)
      }
    }
  }

  return {
    quotasOf,
    counts: (kind, namespace) => isCounted(kind) && quotasOf.hasAny(namespace),
    write(write) {
      const namespace = namespaceOf(write)
      if (namespace === '' || !quotasOf.hasAny(namespace) || !isTheirs(write, namespace)) return undefined
      return new Promise((resolve, reject) => enter(namespace, { ...write, resolve, reject }))
    },
    check(write) {
      const namespace = namespaceOf(write)
      if (namespace === '' || !quotasOf.hasAny(namespace) || !isTheirs(write, namespace)) return
      const charged = charge(
        quotasOf.all(namespace).map(({ quota }) => standingOf(quota)),
        changeOf(write),
      )
      if (charged.type === 'refused') throw refusal(write, charged.why)
    },
    alone: (namespace, run) => new Promise((resolve, reject) => enter(namespace, { run: () => run().then(resolve, reject) })),
  }
}

/** Who makes something asks for it, and who changes what a quota counts of it; of pods that is a resize alone, as in Kubernetes. */
const isAsked = ({ group, resource }: Kind, { subresource }: Origin, isNew: boolean): boolean => {
  if (isNew) return true
  return group === '' && resource === 'pods' ? subresource === 'resize' : subresource === undefined
}

const namespaceOf = ({ after, before }: Pick<Write, 'after' | 'before'>): string => (after ?? before)?.metadata.namespace ?? ''

const namesOf = (...lists: readonly (Readonly<Record<string, string>> | undefined)[]): readonly string[] =>
  lists.flatMap((list) => Object.keys(list ?? {}))

const refusal = ({ kind, after, before }: Pick<Write, 'kind' | 'after' | 'before'>, why: string) =>
  refused({ kind, name: (after ?? before)?.metadata.name ?? '' }, why)
