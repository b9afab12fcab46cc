import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { hubParts } from '../../apiserver/authz/hub-parts.ts'
import type { TestHub } from '../../client/test-hub.ts'
import { type ControllerManager, createControllerManager, type ControllerManagerDeps } from '../controller-manager.ts'

/** For tests: all controllers of a hub, over the kinds that it serves, each with the rights that it has. */
export const controllersOf = (
  hub: TestHub,
  deps: Pick<ControllerManagerDeps, 'config'> &
    Partial<Pick<ControllerManagerDeps, 'clientOf' | 'informers' | 'log' | 'authority' | 'tokenFor'>>,
): ControllerManager =>
  createControllerManager({
    client: hub.part(hubParts.controllers),
    clientOf: hub.controller,
    informers: hub.informers,
    clock: systemClock,
    log: silentLog,
    kinds: hub.kinds,
    remoteGroups: hub.remoteGroups,
    ...deps,
  })
