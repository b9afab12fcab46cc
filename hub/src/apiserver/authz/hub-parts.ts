import type { Caller, User } from '@bramble/shared/api/api-request.ts'

/** A part of the hub that asks and writes by itself, and under which name it manages the fields that it writes. */
export type HubPart = { readonly user: User; readonly manager: string }

const part = (name: string, manager: string): HubPart => ({
  user: { name, groups: ['system:masters', 'system:authenticated'] },
  manager,
})

/** Nobody from outside may have one of these names: what a change says of its author would be untrue. They give no right by themselves. */
export const hubParts = {
  apiserver: part('system:kube-apiserver', 'kube-apiserver'),
  scheduler: part('system:kube-scheduler', 'kube-scheduler'),
  controllers: part('system:kube-controller-manager', 'kube-controller-manager'),
  /** Lets nodes join and says which of them are connected. */
  gateway: part('system:bramble:gateway', 'bramble-gateway'),
  /** Keeps what there is for scheduler and controllers; writes nothing. */
  informers: part('system:bramble:informers', 'bramble-informers'),
} as const satisfies Readonly<Record<string, HubPart>>

export const isHubPart = (name: string): boolean => Object.values(hubParts).some(({ user }) => user.name === name)

/** Who comes over the loopback, which nobody from outside reaches. */
export const overLoopback = (user: User): Caller => ({ user, account: { of: 'hub', name: user.name } })
