import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { type Clock, systemClock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import type { Cache } from '../../cache/cache.ts'
import { endpointSlices, nodes, pods, services } from '../../resources.ts'
import { createFollow } from './follow.ts'
import { followReferences } from './follow-references.ts'
import { maxHeldBytes } from './holdings.ts'
import { hubSource } from './hub-source.ts'
import { Intake } from './intake.ts'
import type { PodOutline } from './needed.ts'
import { followRelease, releaseInTime, restoredProblem, type UnlistedGrace, unlistedGrace } from './restored.ts'
import type { Scope } from './scope.ts'

export type SyncDeps = {
  readonly client: Client
  /** Resolves when there is a connection (`Link.connected`): while there is none, nothing is tried. */
  readonly connected: (signal: AbortSignal) => Promise<void>
  readonly cache: Cache
  readonly node: string
  /** A pod that this node does not take, because those it has leave no room for it: told each time that it is heard of. */
  readonly onRefused?: (pod: PodOutline, why: string) => void
  /** How long what a restored hub does not list goes on by itself. */
  readonly grace?: UnlistedGrace
  readonly clock?: Clock
  /** What the lists may take of the memory, by scope. */
  readonly limits?: Readonly<Record<string, number>>
  readonly log: Log
  readonly random?: () => number
}

export type Sync = Service & {
  /** What of the lists is not followed, one sentence each. */
  problems(): readonly string[]
  /** What goes on although the hub does not list it, as after a restore from an older backup. */
  restored(): string | undefined
}

/** Keeps in the cache what the hub wants of this node. Writes to nothing but its own source there, which persists before anybody hears of it. */
export function createSync(deps: SyncDeps): Sync {
  const {
    client,
    connected,
    cache,
    node,
    onRefused,
    limits = maxHeldBytes,
    grace = unlistedGrace,
    clock = systemClock,
    log,
    random = Math.random,
  } = deps
  const lists: readonly Scope[] = [
    { name: 'pods', resource: pods, query: { fieldSelector: `spec.nodeName=${node}` } },
    { name: 'services', resource: services, query: {} },
    { name: 'endpointslices', resource: endpointSlices, query: {} },
    { name: 'nodes', resource: nodes, query: {} },
  ]
  const source = hubSource(cache)
  const intake = new Intake({ source, facts: cache.facts, node, lists, limits, ...(onRefused && { onRefused }) })
  const follow = createFollow({ client, connected, cache, source, intake, log, random })
  return {
    name: 'sync',
    problems: () => intake.problems(),
    restored: () => restoredProblem({ cache, source, node }),
    async run(signal) {
      using all = linkSignals(signal)
      const unsubscribe = followRelease({ cache, source, node })
      try {
        await Promise.all([
          ...lists.map((scope) => follow(scope, all.signal)),
          followReferences({ cache, source, follow }, all.signal),
          releaseInTime({ source, clock, grace }, all.signal),
        ])
      } finally {
        unsubscribe()
      }
    },
  }
}
