import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { VolumeProblem } from '../volumes/volume-plugin.ts'
import { type Bearer, bearerOf, dueAt } from './bearer.ts'
import type { TokenAsked } from './token-asked.ts'

/** Where tokens come from. */
export type TokenIssuer = {
  /** One that is bound to the pod. */
  ask(pod: Pod, asked: TokenAsked, signal: AbortSignal): Promise<string>
  /** Whether it could be asked now. */
  isThere(): boolean
  /** Resolves when it can be asked, or when it is in vain to wait longer: a moment after the start of the agent. */
  settled(signal: AbortSignal): Promise<void>
}

/**
 * The tokens of pods, in memory and in their volumes, which are in memory too. Another is fetched before one gets old; while the hub is away
 * the old one stays. A pod that comes up where there is none and no hub to give one, after a power cut, starts without: it is given
 * its token when the hub is there, which is also when it could use it.
 */
export type PodTokens = {
  /** Undefined when there is none and the hub is away. `kept` reads what is in the volume from an earlier life of the agent. */
  tokenFor(
    pod: Pod,
    asked: TokenAsked,
    how: { readonly kept: () => Promise<string | undefined>; readonly signal: AbortSignal },
  ): Promise<string | undefined>
  /** Pods of which a volume has to be looked at again, because a token gets old or is missing. */
  due(): readonly string[]
  forget(uid: string): void
}

/** After a refusal, or an answer that did not come. */
const retryMs = 60_000

type Held = { bearer: Bearer | undefined; readonly asked: TokenAsked; notBefore: number }

export function createPodTokens({ issuer, clock }: { readonly issuer: TokenIssuer; readonly clock: Clock }): PodTokens {
  const held = new Map<string, Map<string, Held>>()

  const heldFor = (uid: string, asked: TokenAsked): Held | undefined => held.get(uid)?.get(keyOf(asked))
  const hold = (uid: string, one: Held): Held => {
    const ofPod = held.get(uid) ?? new Map<string, Held>()
    held.set(uid, ofPod.set(keyOf(one.asked), one))
    return one
  }
  // A clock that was set back must not keep an old token for ever.
  const isDue = ({ bearer, asked, notBefore }: Held): boolean =>
    clock.monotonic() >= notBefore &&
    (bearer === undefined || clock.now() >= dueAt(bearer, asked.expirationSeconds) || clock.now() < bearer.issuedAt - skewMs)

  return {
    async tokenFor(pod, asked, { kept, signal }) {
      const uid = pod.metadata.uid ?? ''
      const one = heldFor(uid, asked) ?? hold(uid, { bearer: bearerOf((await kept()) ?? ''), asked, notBefore: 0 })
      if (one.bearer === undefined) await issuer.settled(signal)
      if (!isDue(one) || !issuer.isThere()) return one.bearer?.token
      try {
        const token = await issuer.ask(pod, asked, signal)
        one.bearer = bearerOf(token)
        if (one.bearer === undefined) throw new Error('the hub answered something else than a token')
      } catch (error) {
        signal.throwIfAborted()
        // With an old one the pod goes on; without one it waits, and is tried again as any volume is.
        if (one.bearer === undefined && issuer.isThere()) throw new VolumeProblem(`failed to fetch token: ${messageOf(error)}`)
        one.notBefore = clock.monotonic() + retryMs
      }
      return one.bearer?.token
    },
    due: () => (issuer.isThere() ? [...held].flatMap(([uid, ofPod]) => ([...ofPod.values()].some(isDue) ? [uid] : [])) : []),
    forget: (uid) => void held.delete(uid),
  }
}

/** Boards without a clock of their own are set right a while after they start. */
const skewMs = 5 * 60_000

const keyOf = ({ audience = '', expirationSeconds }: TokenAsked): string => `${expirationSeconds} ${audience}`
