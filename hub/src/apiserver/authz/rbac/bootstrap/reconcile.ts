import type { Handler, Method } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { pathOf } from '@bramble/shared/api/path.ts'
import { errorOf } from '@bramble/shared/api/rest-client.ts'
import { clusterRoleBindings } from '@bramble/shared/kinds/cluster-role-binding.ts'
import { clusterRoles } from '@bramble/shared/kinds/cluster-role.ts'
import { roleBindings } from '@bramble/shared/kinds/role-binding.ts'
import { roles } from '@bramble/shared/kinds/role.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { hubParts, overLoopback } from '../../hub-parts.ts'
import type { Registry } from '../../../objects/registry.ts'
import { brambleBindings, brambleNamespaceBindings, brambleNamespaceRoles, brambleRoles } from './bramble-roles.ts'
import { componentBindings, componentRoles } from './component-roles.ts'
import { controllerBindings, controllerRoles } from './controller-roles.ts'
import { namespaceBindings, namespaceRoles } from './namespace-roles.ts'
import { planBinding, planRole, type Plan } from './plan.ts'
import { userBindings, userRoles } from './user-roles.ts'

export type ReconcileDeps = { readonly handle: Handler; readonly registry: Registry; readonly log: Log }

/**
 * Sees to it at each start that the usual roles and bindings are there, with what they have to have; what somebody has added to them stays,
 * and those with the annotation `rbac.authorization.kubernetes.io/autoupdate: "false"` are left alone. Writes only what differs.
 */
export async function reconcileRoles(deps: ReconcileDeps): Promise<void> {
  // All at once, so that they are written together; what one could not get it gets at the next start.
  await Promise.all([
    ...[...userRoles, ...componentRoles, ...controllerRoles, ...brambleRoles].map((role) => keep(deps, clusterRoles, role, planRole)),
    ...[...namespaceRoles, ...brambleNamespaceRoles].map((role) => keep(deps, roles, role, planRole)),
    ...[...userBindings, ...componentBindings, ...controllerBindings, ...brambleBindings].map((binding) =>
      keep(deps, clusterRoleBindings, binding, planBinding),
    ),
    ...[...namespaceBindings, ...brambleNamespaceBindings].map((binding) => keep(deps, roleBindings, binding, planBinding)),
  ])
}

/** A change that came in between is looked at again, so often and no more. */
const attempts = 3

async function keep<T extends KubeObject>(
  { handle, registry, log }: ReconcileDeps,
  kind: Kind<T>,
  wanted: T,
  plan: (wanted: T, seen: T | undefined) => Plan<T>,
): Promise<void> {
  const { name, namespace } = wanted.metadata
  const path = (of: { name?: string }) => decodeURIComponent(pathOf(kind, { ...of, ...(namespace !== undefined && { namespace }) }))
  try {
    for (let attempt = 1; ; attempt++) {
      const entry = registry.find(kind, namespace, name)
      const step = plan(wanted, entry === undefined ? undefined : registry.objectOf(kind, entry))
      if (step.type === 'nothing') return
      if (step.type === 'remake') await ask(handle, 'DELETE', path({ name }))
      const error =
        step.type === 'change'
          ? await ask(handle, 'PUT', path({ name }), step.object)
          : await ask(handle, 'POST', path({}), structuredClone(wanted))
      if (error === undefined) return
      if (attempt === attempts || !['Conflict', 'AlreadyExists', 'NotFound'].includes(error.reason)) throw error
    }
  } catch (error) {
    log.error({ kind: kind.kind, name, namespace, error: messageOf(error) }, 'a role or binding that every cluster has could not be kept')
  }
}

async function ask(handle: Handler, method: Method, path: string, body?: object) {
  const { user, manager } = hubParts.apiserver
  const { signal } = new AbortController()
  const headers = { 'user-agent': manager }
  const answer = await handle({ method, path, query: new URLSearchParams(), headers, signal, ...(body && { body }) }, overLoopback(user))
  return answer.status < 400 || answer.type !== 'object' ? undefined : errorOf(answer.object)
}
