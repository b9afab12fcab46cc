import type { User } from '@bramble/shared/api/api-request.ts'
import { type ClusterRoleBinding, clusterRoleBindings } from '@bramble/shared/kinds/cluster-role-binding.ts'
import { type ClusterRole, clusterRoles } from '@bramble/shared/kinds/cluster-role.ts'
import { type RoleBinding, roleBindings } from '@bramble/shared/kinds/role-binding.ts'
import { type Role, roles } from '@bramble/shared/kinds/role.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { PolicyRule, RoleRef, Subject } from '@bramble/shared/types/rbac.ts'
import { expect, it } from 'vitest'
import { memoryLog } from '../../../store/memory/memory-disk.ts'
import { createStore } from '../../../store/mvcc.ts'
import { hubParts } from '../hub-parts.ts'
import { originOfPart } from '../../objects/origin.ts'
import { createRegistry } from '../../objects/registry.ts'
import { storing } from '../../objects/stored/storing.ts'
import type { PathRequest, RequestVerb, ResourceRequest } from '../../query/request-info.ts'
import { createRbacAuthorizer } from './rbac-authorizer.ts'
import { createRoleIndex } from './role-index.ts'

type Request = ResourceRequest | PathRequest
type World = { roles: Role[]; clusterRoles: ClusterRole[]; roleBindings: RoleBinding[]; clusterRoleBindings: ClusterRoleBinding[] }

/** The rules of Kubernetes told once more, as plainly as they can be: every binding, every subject, every rule, every word. */
function isAllowed(world: World, user: User, request: Request): boolean {
  const namespace = request.type === 'path' ? '' : (request.namespace ?? '')
  for (const { subjects = [], roleRef } of world.clusterRoleBindings)
    if (subjects.some((subject) => isMeant(subject, user, '')) && rulesOf(world, roleRef, '').some((rule) => says(rule, request)))
      return true
  if (namespace === '') return false
  for (const { metadata, subjects = [], roleRef } of world.roleBindings) {
    if (metadata.namespace !== namespace) continue
    if (
      subjects.some((subject) => isMeant(subject, user, namespace)) &&
      rulesOf(world, roleRef, namespace).some((rule) => says(rule, request))
    )
      return true
  }
  return false
}

function isMeant({ kind, name, namespace }: Subject, user: User, bindingNamespace: string): boolean {
  if (kind === 'User') return user.name === name
  if (kind === 'Group') return user.groups.includes(name)
  const of = namespace === undefined || namespace === '' ? bindingNamespace : namespace
  return of !== '' && user.name === `system:serviceaccount:${of}:${name}`
}

function rulesOf(world: World, { kind, name }: RoleRef, namespace: string): readonly PolicyRule[] {
  if (kind === 'ClusterRole') return world.clusterRoles.find(({ metadata }) => metadata.name === name)?.rules ?? []
  return world.roles.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)?.rules ?? []
}

function says({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule, request: Request): boolean {
  if (!verbs.some((verb) => verb === '*' || verb === request.verb)) return false
  if (request.type === 'path') {
    for (const url of nonResourceURLs) {
      if (url === '*' || url === request.path) return true
      if (url.endsWith('*') && request.path.startsWith(url.slice(0, -1))) return true
    }
    return false
  }
  if (!apiGroups.some((group) => group === '*' || group === request.group)) return false
  const asked = request.subresource === undefined ? request.resource : `${request.resource}/${request.subresource}`
  const isNamed = resources.some(
    (resource) => resource === '*' || resource === asked || (request.subresource !== undefined && resource === `*/${request.subresource}`),
  )
  return isNamed && (resourceNames.length === 0 || resourceNames.includes(request.name ?? ''))
}

/** The same numbers in every run. */
function chance(seed: number) {
  let state = seed
  const below = (count: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * count)
  }
  const one = <T>(of: readonly T[]): T => of[below(of.length)] as T // a number below its length
  const some = <T>(of: readonly T[], most = 2): T[] => Array.from({ length: 1 + below(most) }, () => one(of))
  return { below, one, some, maybe: (percent: number) => below(100) < percent }
}
type Chance = ReturnType<typeof chance>

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'bind', 'impersonate']
const groups = ['', 'apps', 'example.com']
const plurals = ['pods', 'secrets', 'deployments', 'things']
const subs = ['log', 'scale', 'status']
const names = ['a', 'b', 'c']
const namespaces = ['default', 'other', 'third']
const urls = ['/metrics', '/healthz', '/logs/', '/logs/a', '/api', '/apis/apps']
const people = ['jo', 'bo', 'devs', 'system:serviceaccount:default:a', 'system:serviceaccount:other:a']
const circles = ['devs', 'ops', 'jo', 'system:authenticated']
const bindingNames = ['x', 'y', 'z', 'u', 'v', 'w']
const roleNames = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6']

function ruleOf({ one, some, maybe }: Chance, isOfCluster: boolean): PolicyRule {
  const star = <T>(of: readonly T[]): (T | '*')[] => (maybe(8) ? ['*'] : some(of, 4))
  if (isOfCluster && maybe(20)) return { verbs: star(verbs), nonResourceURLs: star([...urls, '/logs/*', '/apis/*', '/*']) }
  const resource = () => (maybe(25) ? `${maybe(30) ? '*' : one(plurals)}/${one(subs)}` : maybe(4) ? 'pods/*' : one(plurals))
  const resources = maybe(8) ? ['*'] : [resource(), ...(maybe(40) ? [resource()] : [])]
  return { verbs: star(verbs), apiGroups: star(groups), resources, ...(maybe(30) && { resourceNames: some(names) }) }
}

function subjectOf({ one, maybe, below }: Chance, isOfCluster: boolean): Subject {
  const apiGroup = 'rbac.authorization.k8s.io'
  const which = below(3)
  if (which === 0) return { kind: 'User', apiGroup, name: one(people) }
  if (which === 1) return { kind: 'Group', apiGroup, name: one(circles) }
  return { kind: 'ServiceAccount', name: 'a', ...((isOfCluster || maybe(50)) && { namespace: one(namespaces) }) }
}

const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'

function objectOf(by: Chance): { kind: Kind; of: keyof World; object: Role | ClusterRole | RoleBinding | ClusterRoleBinding } {
  const { one, some, maybe, below } = by
  const namespace = one(namespaces)
  const subjects = (isOfCluster: boolean) => some([0, 1, 2], 3).map(() => subjectOf(by, isOfCluster))
  const rules = (isOfCluster: boolean) => some([0, 1, 2], 8).map(() => ruleOf(by, isOfCluster))
  switch (below(4)) {
    case 0:
      return {
        ...{ kind: roles, of: 'roles' },
        object: { apiVersion, kind: 'Role', metadata: { name: one(roleNames), namespace }, rules: rules(false) },
      }
    case 1:
      return {
        ...{ kind: clusterRoles, of: 'clusterRoles' },
        object: { apiVersion, kind: 'ClusterRole', metadata: { name: one(roleNames) }, rules: rules(true) },
      }
    case 2:
      return {
        ...{ kind: roleBindings, of: 'roleBindings' },
        object: {
          ...{ apiVersion, kind: 'RoleBinding', metadata: { name: one(bindingNames), namespace } },
          ...{ subjects: subjects(false), roleRef: { apiGroup, kind: maybe(50) ? 'Role' : 'ClusterRole', name: one(roleNames) } },
        },
      }
    default:
      return {
        ...{ kind: clusterRoleBindings, of: 'clusterRoleBindings' },
        object: {
          ...{ apiVersion, kind: 'ClusterRoleBinding', metadata: { name: one(bindingNames) } },
          ...{ subjects: subjects(true), roleRef: { apiGroup, kind: 'ClusterRole', name: one(roleNames) } },
        },
      }
  }
}

function requestOf({ one, maybe }: Chance): Request {
  const verb = one(verbs) as RequestVerb // any word may be asked for
  if (maybe(15)) return { type: 'path', verb, path: one(urls) }
  return {
    ...{ type: 'resource', verb, group: one(groups), version: 'v1', resource: one(plurals) },
    ...(maybe(30) && { subresource: one(subs) }),
    ...(maybe(50) && { name: one(names) }),
    ...(maybe(70) && { namespace: one(namespaces) }),
  }
}

it('fifty thousand questions about roles that come, change and go are answered as a second reading of the rules answers them', async () => {
  const by = chance(20_261_128)
  const world: World = { roles: [], clusterRoles: [], roleBindings: [], clusterRoleBindings: [] }
  const registry = createRegistry({ store: await createStore({ log: memoryLog(), ...storing(createKindSet(builtIn)) }) })
  const { authorize } = createRbacAuthorizer(createRoleIndex({ registry, log: silentLog }))

  /** Makes an object, or puts it in the place of the one of its name, or takes that away. */
  async function change(): Promise<void> {
    const { kind, of, object } = objectOf(by)
    const { name, namespace } = object.metadata
    const all = world[of] as (typeof object)[] // of that kind, as the object
    const at = all.findIndex(({ metadata }) => metadata.name === name && metadata.namespace === namespace)
    const expected = registry.find(kind, namespace, name)
    const origin = originOfPart(hubParts.apiserver, 'update')
    if (expected === undefined) {
      await registry.create({ kind, origin, object, owners: undefined })
      all.push(object)
    } else if (by.maybe(20)) {
      await registry.remove({ kind, origin, expected })
      all.splice(at, 1)
    } else {
      await registry.update({ kind, origin, object, expected })
      all[at] = object
    }
  }

  const wrong: string[] = []
  let yes = 0
  for (let question = 0; question < 50_000; question++) {
    if (question % 50 === 0) for (let i = 0; i < (question === 0 ? 40 : 2); i++) await change()
    const user = { name: by.one(people), groups: by.some(circles, 3) }
    const info = requestOf(by)
    const expected = isAllowed(world, user, info)
    if (expected) yes += 1
    if ((authorize({ user, info }).type === 'allow') !== expected)
      wrong.push(`${expected ? 'allowed' : 'not allowed'}: ${JSON.stringify({ user, info })}`)
  }
  expect(wrong).toEqual([])
  // Both answers are there, by the thousand.
  expect(yes).toBeGreaterThan(5_000)
  expect(yes).toBeLessThan(45_000)
})
