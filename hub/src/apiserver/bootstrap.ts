import type { Handler } from '@bramble/shared/api/api-request.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { KindSet } from '@bramble/shared/schema/kind-set.ts'
import { type FrontProxy, publishAuthentication } from './aggregation/authentication-config.ts'
import type { RemoteGroups } from './aggregation/remote-groups.ts'
import type { Dynamic } from './admission/dynamic.ts'
import { reconcileRoles } from './authz/rbac/bootstrap/reconcile.ts'
import type { Definitions } from './custom/definitions.ts'
import { claimStored } from './objects/claims/claim-stored.ts'
import { makeFirstObjects } from './objects/first-objects.ts'
import type { Registry } from './objects/registry.ts'

export type BootstrapDeps = {
  readonly registry: Registry
  readonly kinds: Pick<KindSet, 'all'>
  readonly log: Log
  readonly handle: Handler
  readonly definitions: Pick<Definitions, 'start'>
  readonly localGroups: { make(): Promise<void> }
  readonly remoteGroups: Pick<RemoteGroups, 'start'>
  readonly dynamic: Pick<Dynamic, 'open'>
  readonly frontProxy: FrontProxy | undefined
}

/**
 * What the apiserver does before its doors open. What only helps others, and somebody has put something in the way of, or a full disk has no
 * room for, is told of and keeps no hub from starting. Webhooks and policies are asked from the end of it on.
 */
export const createBootstrap = ({
  registry,
  kinds,
  log,
  handle,
  definitions,
  localGroups,
  remoteGroups,
  dynamic,
  frontProxy,
}: BootstrapDeps) => {
  const unlessRefused = async (what: string, write: () => Promise<void>): Promise<void> => {
    try {
      await write()
    } catch (error) {
      log.error({ what, error: messageOf(error) }, 'what the hub writes at its start was refused')
    }
  }
  return async (): Promise<void> => {
    await definitions.start(handle)
    await claimStored(registry, kinds.all(), log)
    await makeFirstObjects({ handle })
    await reconcileRoles({ handle, registry, log })
    await unlessRefused('the APIServices of its groups', () => localGroups.make())
    if (frontProxy !== undefined) await unlessRefused('the authorities of other servers', () => publishAuthentication(handle, frontProxy))
    remoteGroups.start(handle)
    dynamic.open()
  }
}
