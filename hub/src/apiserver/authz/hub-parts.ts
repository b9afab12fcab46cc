import type { Caller, User } from '@bramble/shared/api/api-request.ts'

/** A part of the hub that asks and writes by itself, and under which name it manages the fields that it writes. */
export type HubPart = { readonly user: User; readonly manager: string }

const part = (name: string, manager: string, ...groups: readonly string[]): HubPart => ({
  user: { name, groups: [...groups, 'system:authenticated'] },
  manager,
})

/**
 * Nobody from outside may have one of these names: what a change says of its author would be untrue. What each may do its role says, which is
 * among those that every cluster has; only the apiserver itself needs none, because it makes them.
 */
export const hubParts = {
  apiserver: part('system:kube-apiserver', 'kube-apiserver', 'system:masters'),
  scheduler: part('system:kube-scheduler', 'kube-scheduler'),
  controllers: part('system:kube-controller-manager', 'kube-controller-manager'),
  /** Lets nodes join and says which of them are connected. */
  gateway: part('system:bramble:gateway', 'bramble-gateway'),
  /** Keeps what there is for scheduler and controllers; writes nothing. */
  informers: part('system:bramble:informers', 'bramble-informers'),
} as const satisfies Readonly<Record<string, HubPart>>

const accounts = 'system:serviceaccount:kube-system'

/** In Kubernetes they are loops of the apiserver, which has the fields that they write. */
const loopsOfApiserver: ReadonlySet<string> = new Set([
  'custom-resource-cleanup-controller',
  'kubernetes-service-controller',
  'service-cidrs-controller',
  'system-namespaces-controller',
])

/** A controller, which acts as a service account of kube-system. */
export function controllerPart(account: string): HubPart {
  const { manager } = loopsOfApiserver.has(account) ? hubParts.apiserver : hubParts.controllers
  return part(`${accounts}:${account}`, manager, 'system:serviceaccounts', 'system:serviceaccounts:kube-system')
}

/** Also the accounts of kube-system: controllers act as those. Their tokens are given for what an administrator has made himself. */
export const isHubPart = (name: string): boolean =>
  name.startsWith(`${accounts}:`) || Object.values(hubParts).some(({ user }) => user.name === name)

/** Who comes over the loopback, which nobody from outside reaches. */
export const overLoopback = (user: User): Caller => ({ user, account: { of: 'hub', name: user.name } })
