import type { User } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { clusterRoleBindings } from '@bramble/shared/kinds/cluster-role-binding.ts'
import { clusterRoles } from '@bramble/shared/kinds/cluster-role.ts'
import { roleBindings } from '@bramble/shared/kinds/role-binding.ts'
import { roles } from '@bramble/shared/kinds/role.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { PolicyRule, RoleRef, Subject } from '@bramble/shared/types/rbac.ts'
import type { Entry } from '../../../store/store.ts'
import type { Registry } from '../../objects/registry.ts'
import { createSkipping } from '../../objects/stored/skipping.ts'
import type { PathRequest, ResourceRequest } from '../../query/request-info.ts'
import { allowsRequest, type Granted, Grants } from './grants.ts'

/** What the bindings give to whom, as the store has it: a change holds from the moment in which it is written. */
export type RoleIndex = {
  /** Of a user and each of its groups: what it has everywhere, and then what it has in the namespace. */
  grantsOf(user: User, namespace: string | undefined): Iterable<Held>
  /** The rules of a role that is bound in a namespace, or everywhere; undefined when there is no such role. */
  rulesOf(ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined
  close(): void
}

/** `missing`: roles that are bound and are not there. */
export type Held = { readonly grants: Pick<Grants, 'find'>; readonly granted: readonly Granted[]; readonly missing: readonly string[] }

type Binding = { readonly name: string; readonly namespace: string; readonly roleRef: RoleRef; readonly subjects: readonly Subject[] }

/** Of all subjects together: a binding of thousands of them to thousands of rules would else have the product of both in memory. */
const mostGranted = 200_000

/** Whose rules are more has them looked through role by role: putting them together for each of many subjects would hold everybody up. */
const mostMerged = 1500

const nothing: Held = { grants: new Grants([]), granted: [], missing: [] }

export function createRoleIndex({ registry, log }: { readonly registry: Registry; readonly log: Log }): RoleIndex {
  const { store } = registry
  const skipping = createSkipping(log)
  /** By subject and scope, in the order in which they were made. */
  const bindingsOf = new Map<string, Map<string, Binding>>()
  const known = new Map<string, Binding>()
  /** Made when somebody is asked about; any change of roles or bindings empties it. */
  const held = new Map<string, Held>()
  let heldCount = 0
  const keep = (subject: string, one: Held, count: number): void => {
    heldCount += count
    if (heldCount > mostGranted) {
      held.clear()
      heldCount = count
    }
    held.set(subject, one)
  }
  /** Roles that say no to what was asked last: of the many groups of one user each may have the same ones. */
  const refusing: Refusing = { request: undefined, rules: new Set() }
  const changed = (): void => {
    held.clear()
    heldCount = 0
    refusing.request = undefined
    refusing.rules.clear()
  }

  const forget = (key: string): void => {
    const binding = known.get(key)
    if (binding === undefined) return
    known.delete(key)
    for (const subject of keysOf(binding)) {
      const of = bindingsOf.get(subject)
      of?.delete(key)
      if (of?.size === 0) bindingsOf.delete(subject)
    }
  }
  const learn = <T extends KubeObject & { readonly roleRef: RoleRef; readonly subjects?: Subject[] | undefined }>(
    kind: Kind<T>,
    entry: Entry,
  ): void =>
    skipping(entry, () => {
      const { metadata, roleRef, subjects = [] } = registry.objectOf(kind, entry)
      const binding = { name: metadata.name, namespace: metadata.namespace ?? '', roleRef, subjects }
      known.set(entry.key, binding)
      for (const subject of keysOf(binding)) {
        const of = bindingsOf.get(subject)
        if (of === undefined) bindingsOf.set(subject, new Map([[entry.key, binding]]))
        else of.set(entry.key, binding)
      }
    })
  const follow = <T extends KubeObject & { readonly roleRef: RoleRef; readonly subjects?: Subject[] | undefined }>(kind: Kind<T>) => {
    const prefix = registry.prefixOf(kind)
    const { entries, revision } = store.list(prefix)
    for (const entry of entries) learn(kind, entry)
    return store.watch(prefix, revision, (events) => {
      changed()
      for (const { type, entry } of events) {
        forget(entry.key)
        if (type === 'put') learn(kind, entry)
      }
    })
  }
  const empty = (kind: Kind) => {
    const prefix = registry.prefixOf(kind)
    return store.watch(prefix, store.revisionOf(prefix), changed)
  }
  const watches = [follow(clusterRoleBindings), follow(roleBindings), empty(clusterRoles), empty(roles)]

  const rulesOf = ({ kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | undefined => {
    const isOfCluster = kind === 'ClusterRole'
    const entry = isOfCluster ? registry.find(clusterRoles, undefined, name) : registry.find(roles, namespace, name)
    let rules: readonly PolicyRule[] | undefined
    if (entry !== undefined && (isOfCluster || namespace !== ''))
      skipping(
        entry,
        () => (rules = registry.objectOf<KubeObject & { rules?: PolicyRule[] }>(isOfCluster ? clusterRoles : roles, entry).rules ?? []),
      )
    return rules
  }

  const heldBy = (subject: string): Held => {
    const bindings = bindingsOf.get(subject)
    if (bindings === undefined) return nothing
    let found = held.get(subject)
    if (found === undefined) {
      const parts = [...bindings.values()].map((binding) => ({ binding, rules: rulesOf(binding.roleRef, binding.namespace) }))
      const count = parts.reduce((sum, { rules = [] }) => sum + rules.length, 0)
      found = count <= mostMerged ? merged(parts, subject) : apart(parts, subject, refusing)
      keep(subject, found, count <= mostMerged ? count : parts.length)
    }
    return found
  }

  return {
    *grantsOf({ name, groups }, namespace = '') {
      for (const scope of namespace === '' ? [''] : ['', namespace]) {
        const user = heldBy(keyOf(scope, 'User', name))
        if (user !== nothing) yield user
        for (const group of groups) {
          const of = heldBy(keyOf(scope, 'Group', group))
          if (of !== nothing) yield of
        }
      }
    },
    rulesOf,
    close() {
      for (const watch of watches) watch.close()
    },
  }
}

/** No name has a line feed in it. */
const keyOf = (scope: string, kind: string, name: string): string => `${scope}\n${kind}\n${name}`

function keysOf({ namespace: scope, subjects }: Binding): ReadonlySet<string> {
  return new Set(
    subjects.flatMap((subject) => {
      const user = userNameOf(subject, scope)
      if (user !== undefined) return [keyOf(scope, 'User', user)]
      return subject.kind === 'Group' ? [keyOf(scope, 'Group', subject.name)] : []
    }),
  )
}

/** A service account without a namespace is of that of its binding. */
function userNameOf({ kind, name, namespace = '' }: Subject, scope: string): string | undefined {
  if (kind === 'User') return name
  const of = namespace === '' ? scope : namespace
  return kind === 'ServiceAccount' && of !== '' ? `system:serviceaccount:${of}:${name}` : undefined
}

type Part = { readonly binding: Binding; readonly rules: readonly PolicyRule[] | undefined }
type Refusing = { request: ResourceRequest | PathRequest | undefined; readonly rules: Set<readonly PolicyRule[]> }

const missingIn = (parts: readonly Part[]): readonly string[] =>
  parts.flatMap(({ binding: { roleRef }, rules }) =>
    rules === undefined ? [`${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(roleRef.name)} not found`] : [],
  )

function grantedIn(parts: readonly Part[], subjectKey: string): readonly Granted[] {
  return parts.flatMap(({ binding, rules = [] }) => {
    if (rules.length === 0) return []
    const by = describe(binding, subjectKey)
    return rules.map((rule) => ({ rule, by }))
  })
}

function merged(parts: readonly Part[], subjectKey: string): Held {
  const granted = grantedIn(parts, subjectKey)
  return { grants: new Grants(granted), granted, missing: missingIn(parts) }
}

/** Nothing is kept of it but the roles: what they say is read where it stands. */
const apart = (parts: readonly Part[], subjectKey: string, refusing: Refusing): Held => ({
  grants: {
    find(request) {
      if (refusing.request !== request) {
        refusing.request = request
        refusing.rules.clear()
      }
      for (const { binding, rules = [] } of parts) {
        if (refusing.rules.has(rules)) continue
        const rule = rules.find((one) => allowsRequest(one, request))
        if (rule !== undefined) return { rule, by: describe(binding, subjectKey) }
        refusing.rules.add(rules)
      }
      return undefined
    },
  },
  get granted() {
    return grantedIn(parts, subjectKey)
  },
  missing: missingIn(parts),
})

function describe(binding: Binding, subjectKey: string): string {
  const { name, namespace, roleRef, subjects } = binding
  const subject = subjects.find((one) => keysOf({ ...binding, subjects: [one] }).has(subjectKey))
  const whom =
    subject?.kind === 'ServiceAccount'
      ? `${subject.name}/${(subject.namespace ?? '') === '' ? namespace : subject.namespace}`
      : (subject?.name ?? '')
  const what = namespace === '' ? `ClusterRoleBinding ${JSON.stringify(name)}` : `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`
  return `${what} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subject?.kind} ${JSON.stringify(whom)}`
}
