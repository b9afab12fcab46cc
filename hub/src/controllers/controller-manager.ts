import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Client } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { discover } from '@bramble/shared/discover.ts'
import type { KindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { runAll } from '@bramble/shared/process/service.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import { createEventRecorder } from '../client/event-recorder.ts'
import type { InformerSet } from '../client/informer-set.ts'
import { createLeader } from '../client/leader.ts'
import type { WorkQueueStats } from '../client/work-queue.ts'
import { createControllerService, isController } from './controller.ts'
import type { ControllerConfig, ControllerContext } from './controller.ts'

export type ControllerManagerDeps = {
  /** Leads, and tells what happened. */
  readonly client: Client
  readonly clientOf: ControllerContext['clientOf']
  /** Run by whoever made it: the hub's other parts look at the same. */
  readonly informers: InformerSet
  readonly clock: Clock
  readonly log: Log
  readonly kinds: KindSet
  /** What other servers answer for. */
  readonly remoteGroups: ControllerContext['remoteGroups']
  readonly config: ControllerConfig
  readonly authority?: ControllerContext['authority']
  readonly tokenFor?: ControllerContext['tokenFor']
  /** Our name among the candidates for leadership. */
  readonly identity?: string
}

const controllers = discover(import.meta.glob('./loops/*.ts', { eager: true }), isController).toSorted(
  (a, b) => Number(a.followsAll ?? false) - Number(b.followsAll ?? false),
)

/** `queues`: what each controller has to do, of those that have begun. */
export type ControllerManager = Service & { readonly queues: () => readonly (WorkQueueStats & { readonly name: string })[] }

/** Runs every controller while it leads. The informers run whoever leads, so that a takeover finds them full. */
export function createControllerManager({
  client,
  clientOf,
  informers,
  clock,
  log,
  kinds,
  remoteGroups,
  config,
  authority,
  tokenFor,
  identity,
}: ControllerManagerDeps): ControllerManager {
  const recorder = createEventRecorder({ client, clock, log, component: 'controller-manager' })
  const context = { clientOf, informers, recorder, clock, log, kinds, remoteGroups, config, authority, tokenFor }
  const all = controllers.map((controller) => ({ name: controller.name, service: createControllerService(controller, context) }))
  const services = all.map(({ service }) => service)
  const leader = createLeader({
    client,
    clock,
    log,
    lease: 'kube-controller-manager',
    identity: identity ?? `${hostname()}_${randomUUID()}`,
    service: { name: 'controllers', run: (signal) => runAll(services, signal) },
  })
  return {
    name: 'controller manager',
    run: (signal) => runAll([recorder, leader], signal),
    queues: () =>
      all.flatMap(({ name, service }) => {
        const stats = service.stats()
        return stats === undefined ? [] : [{ name, ...stats }]
      }),
  }
}
