import { isApiError } from '@bramble/shared/api/api-error.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { leases } from '@bramble/shared/kinds/lease.ts'
import type { Lease } from '@bramble/shared/kinds/lease.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { formatMicroTime } from '@bramble/shared/meta/time.ts'
import { isAbort, messageOf } from '@bramble/shared/process/service.ts'
import type { Service } from '@bramble/shared/process/service.ts'

export type LeaderDeps = {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  /** Name of the Lease in kube-system. */
  readonly lease: string
  /** Who we are among the candidates. */
  readonly identity: string
  /** What only the leader runs; its signal aborts when leadership is lost. */
  readonly service: Service
  readonly random?: () => number
}

// Kubernetes' own figures: whoever cannot renew stops before the others may take over. But a slower retry: renewing is the one thing an idle hub does all day.
const leaseDurationMs = 15_000
const renewDeadlineMs = 10_000
const renewEveryMs = 5_000
/** While nobody holds the Lease yet (the hub is starting), asking again soon is what makes the start quick. */
const firstAskMs = 20
const askEveryMs = 2_000

/** Whose the Lease is after asking; `unclear` when the API could not be asked or somebody was faster. */
type Answer = 'ours' | 'theirs' | 'unclear'

/**
 * Runs a service while we hold a Lease. The clocks of two hubs need not agree: a Lease counts as expired when we, by our own
 * clock, have not seen it change for its duration. We count our own time from before each request, and stop when it is up whatever
 * is still under way: by then nobody else can have taken the Lease.
 */
export function createLeader({ client, clock, log, lease: name, identity, service, random = Math.random }: LeaderDeps): Service {
  const key = { namespace: 'kube-system', name }
  // While it is ours we know it: one request a renewal, and a conflict tells when somebody else wrote it.
  let held: Lease | undefined
  let observed: { readonly renewal: string; readonly at: number } | undefined

  const wantedSpec = (previous: Lease['spec'] | undefined): Lease['spec'] => {
    const now = formatMicroTime(new Date(clock.now()))
    const isOurs = previous?.holderIdentity === identity
    return {
      holderIdentity: identity,
      leaseDurationSeconds: leaseDurationMs / 1000,
      acquireTime: (isOurs ? previous.acquireTime : undefined) ?? now,
      renewTime: now,
      leaseTransitions: (previous?.leaseTransitions ?? 0) + (isOurs || previous === undefined ? 0 : 1),
    }
  }

  async function acquireOrRenew(signal: AbortSignal): Promise<Answer> {
    const options = { signal }
    const isKnown = held !== undefined
    try {
      const current = held ?? (await client.get(leases, key, options))
      const spec = current.spec
      const renewal = `${spec?.holderIdentity ?? ''} ${spec?.renewTime ?? ''} ${spec?.leaseTransitions ?? 0}`
      if (observed?.renewal !== renewal) observed = { renewal, at: clock.monotonic() }
      const isFree = (spec?.holderIdentity ?? '') === '' || clock.monotonic() - observed.at >= (spec?.leaseDurationSeconds ?? 15) * 1000
      if (spec?.holderIdentity !== identity && !isFree) return 'theirs'
      held = await client.update(leases, { ...current, spec: wantedSpec(spec) }, options)
      return 'ours'
    } catch (error) {
      held = undefined
      if (!isApiError(error)) throw error
      // What we knew has changed: whose it is now is to be seen.
      if (error.reason === 'Conflict') return isKnown ? acquireOrRenew(signal) : 'unclear'
      if (error.reason !== 'NotFound') throw error
    }
    try {
      held = await client.create(
        leases,
        { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: key, spec: wantedSpec(undefined) },
        options,
      )
      return 'ours'
    } catch (error) {
      if (isApiError(error, 'AlreadyExists') || isApiError(error, 'NotFound')) return 'unclear'
      throw error
    }
  }

  /** Takes no longer than this, however many requests it needs. */
  async function ask(withinMs: number, above: AbortSignal): Promise<Answer> {
    using deadline = createDeadline(withinMs, above)
    try {
      return await acquireOrRenew(deadline.signal)
    } catch (error) {
      held = undefined
      if (isAbort(error, above)) return 'unclear'
      log.debug({ lease: name, error: messageOf(error) }, 'lease not renewed')
      return 'unclear'
    }
  }

  async function lead(acquiredAt: number, signal: AbortSignal): Promise<void> {
    using term = linkSignals(signal)
    const termSignal = term.signal
    let failure: unknown
    const running = service.run(termSignal).catch((error: unknown) => {
      if (!isAbort(error, termSignal)) failure = error
      term.abort()
    })
    let renewedAt = acquiredAt
    while (!termSignal.aborted) {
      await sleep(renewEveryMs * (0.9 + 0.2 * random()), termSignal).catch(() => {})
      if (termSignal.aborted) break
      const askedAt = clock.monotonic()
      const answer = await ask(renewedAt + renewDeadlineMs - askedAt, termSignal)
      if (answer === 'ours') renewedAt = askedAt
      else if (answer === 'theirs' || clock.monotonic() - renewedAt >= renewDeadlineMs) {
        log.warn({ lease: name, identity }, 'leadership lost')
        term.abort()
      }
    }
    await running
    if (failure !== undefined) throw failure
  }

  /** Lets the next hub take over at once instead of after the expiry. */
  async function release(): Promise<void> {
    // Only what we know to be ours and unchanged: another may hold it by now.
    if (held?.spec?.holderIdentity !== identity) return
    const { holderIdentity: _, ...spec } = held.spec
    await client
      .update(leases, { ...held, spec }, { timeoutMs: 1_000 })
      .catch((error: unknown) => log.debug({ lease: name, error: messageOf(error) }, 'lease not released'))
  }

  return {
    name: service.name,
    async run(signal) {
      const backoff = createBackoff({ firstMs: firstAskMs, maxMs: askEveryMs, random })
      while (!signal.aborted) {
        const askedAt = clock.monotonic()
        if ((await ask(renewDeadlineMs, signal)) === 'ours') {
          log.info({ lease: name, identity }, 'leading')
          await lead(askedAt, signal)
          if (signal.aborted) return release()
          backoff.reset()
        }
        await sleep(backoff.next(), signal).catch(() => {})
      }
    },
  }
}
