import { type ClusterRoleBinding, clusterRoleBindings } from '@bramble/shared/kinds/cluster-role-binding.ts'
import { type ClusterRole, clusterRoles } from '@bramble/shared/kinds/cluster-role.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { hubParts } from '../../../hub/src/apiserver/authz/hub-parts.ts'
import { createRbacAuthorizer } from '../../../hub/src/apiserver/authz/rbac/rbac-authorizer.ts'
import { createRoleIndex } from '../../../hub/src/apiserver/authz/rbac/role-index.ts'
import { originOfPart } from '../../../hub/src/apiserver/objects/origin.ts'
import { createRegistry } from '../../../hub/src/apiserver/objects/registry.ts'
import { storing } from '../../../hub/src/apiserver/objects/stored/storing.ts'
import type { ResourceRequest } from '../../../hub/src/apiserver/query/request-info.ts'
import { memoryLog } from '../../../hub/src/store/memory/memory-disk.ts'
import { createStore } from '../../../hub/src/store/mvcc.ts'
import { defineFigure, median } from '../figure.ts'

const count = 1_000
const rounds = 200_000
const apiGroup = 'rbac.authorization.k8s.io'
const apiVersion = `${apiGroup}/v1`

/** What it takes to say whether somebody may do something, with a thousand roles that are all bound to a group of his. */
export const decisions = defineFigure('decisions', async () => {
  const registry = createRegistry({ store: await createStore({ log: memoryLog(), ...storing(createKindSet(builtIn)) }) })
  const origin = originOfPart(hubParts.apiserver, 'create')
  const write = { origin, owners: undefined }
  for (let i = 0; i < count; i++) {
    const name = `role-${i}`
    const rules = [
      { verbs: ['get', 'list'], apiGroups: ['example.com', ''], resources: [`things-${i}`, 'configmaps'], resourceNames: [name] },
    ]
    const role: ClusterRole = { apiVersion, kind: 'ClusterRole', metadata: { name }, rules }
    await registry.create({ kind: clusterRoles, object: role, ...write })
    const subjects = [
      { apiGroup, kind: 'Group', name: 'system:authenticated' },
      ...(i === 7 ? [{ apiGroup, kind: 'User', name: 'ann' }] : []),
    ]
    const roleRef = { apiGroup, kind: 'ClusterRole', name }
    const binding: ClusterRoleBinding = { apiVersion, kind: 'ClusterRoleBinding', metadata: { name }, subjects, roleRef }
    await registry.create({ kind: clusterRoleBindings, object: binding, ...write })
  }
  const { authorize } = createRbacAuthorizer(createRoleIndex({ registry, log: silentLog }))
  const user = { name: 'jo', groups: ['devs', 'system:authenticated'] }
  const ask = (resource: string, name: string): number => {
    const info: ResourceRequest = { type: 'resource', verb: 'get', group: '', version: 'v1', resource, namespace: 'default', name }
    for (let i = 0; i < rounds / 20; i++) authorize({ user, info })
    const start = process.cpuUsage()
    for (let i = 0; i < rounds; i++) authorize({ user, info })
    const { user: own, system } = process.cpuUsage(start)
    return (own + system) / rounds
  }
  const aim = '≤ 20 µs'
  /** The first question after a change of roles, by somebody with a few of them. */
  const askAnew = async (): Promise<number> => {
    const took: number[] = []
    for (let times = 0; times < 200; times++) {
      const expected = registry.find(clusterRoles, undefined, 'role-0')
      if (expected === undefined) throw new Error('expected the role to be there')
      const object = { ...registry.objectOf(clusterRoles, expected), metadata: { name: 'role-0', labels: { at: String(times) } } }
      await registry.update({ kind: clusterRoles, object, expected, origin })
      const info: ResourceRequest = { type: 'resource', verb: 'get', group: '', version: 'v1', resource: 'secrets', namespace: 'default' }
      const start = process.hrtime.bigint()
      authorize({ user: { name: 'ann', groups: [] }, info })
      took.push(Number(process.hrtime.bigint() - start) / 1000)
    }
    return median(took)
  }
  return [
    { figure: `a right among ${count} roles and bindings`, value: ask('things-900', 'role-900'), unit: 'µs', aim },
    { figure: '  refused', value: ask('secrets', 'a'), unit: 'µs', aim },
    { figure: '  all of them about the same resource', value: ask('configmaps', 'role-999'), unit: 'µs', aim },
    { figure: '  of somebody with one of them, after a change', value: await askAnew(), unit: 'µs', aim },
  ]
})
