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
import { type Binding, BoundSubjects, namesOf } from './bound-subjects.ts'
import { BySubject, type SubjectKey } from './by-subject.ts'
import { apart, type Held, merged, type Part, type Refusing, sizeOfMerged } from './held.ts'

/** What the bindings give to whom, as the store has it: a change holds from the moment in which it is written. */
export type RoleIndex = {
  /** Of a user and each of its groups: what it has everywhere, and then what it has in the namespace. */
  grantsOf(user: User, namespace: string | undefined): Iterable<Held>
  /** The rules of a role that is bound in a namespace, or everywhere; undefined when there is no such role. */
  rulesOf(ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined
  close(): void
}

/** Of all subjects together, in places of rules: a binding of thousands of them to thousands of rules would else have the product in memory. */
const mostKept = 200_000

/** For one question, in places of rules. What many groups have would else be put together for all of them at once, and everybody be held up. */
const mostMerged = 20_000

/** `pending`: its parts, and how much they are when they are put together, which is done when a question has room for that. */
type Kept = { readonly held: Held; readonly size: number; readonly pending?: { readonly parts: readonly Part[]; readonly size: number } }

type BindingObject = KubeObject & { readonly roleRef: RoleRef; readonly subjects?: Subject[] | undefined }

export function createRoleIndex({ registry, log }: { readonly registry: Registry; readonly log: Log }): RoleIndex {
  const { store } = registry
  const skipping = createSkipping(log)
  const bound = new BoundSubjects()
  const known = new Map<string, Binding>()
  /** Made when somebody is asked about; any change of roles or bindings empties it. */
  const kept = new BySubject<Kept>()
  let keptSize = 0
  const keep = (subject: SubjectKey, one: Kept): Kept => {
    keptSize += one.size - (kept.get(subject)?.size ?? 0)
    if (keptSize > mostKept) {
      kept.clear()
      keptSize = one.size
    }
    kept.set(subject, one)
    return one
  }
  const refusing: Refusing = { request: undefined, rules: new Set() }
  const changed = (): void => {
    kept.clear()
    keptSize = 0
    refusing.request = undefined
    refusing.rules.clear()
  }

  const learn = <T extends BindingObject>(kind: Kind<T>, entry: Entry): void =>
    skipping(entry, () => {
      const { metadata, roleRef, subjects = [] } = registry.objectOf(kind, entry)
      const binding = { name: metadata.name, namespace: metadata.namespace ?? '', roleRef }
      known.set(entry.key, binding)
      bound.add(binding, subjects)
    })
  /** Whom it named stands in the store alone. */
  const forget = <T extends BindingObject>(kind: Kind<T>, previous: Entry): void => {
    const binding = known.get(previous.key)
    if (binding === undefined) return
    known.delete(previous.key)
    bound.remove(binding, registry.objectOf(kind, previous).subjects ?? [])
  }
  const follow = <T extends BindingObject>(kind: Kind<T>) => {
    const prefix = registry.prefixOf(kind)
    const { entries, revision } = store.list(prefix)
    for (const entry of entries) learn(kind, entry)
    return store.watch(prefix, revision, (events) => {
      changed()
      for (const { type, entry, previous } of events) {
        if (previous !== undefined) forget(kind, previous)
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

  /** `room`: how much may still be put together for the question at hand. */
  const heldBy = (subject: SubjectKey, room: { left: number }): Held | undefined => {
    let found = kept.get(subject)
    if (found === undefined) {
      const of = bound.of(subject)
      if (of.length === 0) return undefined
      const parts = of.map((one) => ({ ...one, rules: rulesOf(one.binding.roleRef, one.binding.namespace) }))
      found = keep(subject, { held: apart(parts, refusing), size: parts.length, pending: { parts, size: sizeOfMerged(parts) } })
    }
    const { pending } = found
    if (pending === undefined || pending.size > room.left) return found.held
    room.left -= pending.size
    return keep(subject, { held: merged(pending.parts), size: pending.size }).held
  }

  return {
    *grantsOf({ name, groups }, namespace = '') {
      const room = { left: mostMerged }
      for (const scope of namespace === '' ? [''] : ['', namespace]) {
        for (const subject of namesOf(scope, name)) {
          const user = heldBy(subject, room)
          if (user !== undefined) yield user
        }
        for (const group of groups) {
          const of = heldBy({ scope, kind: 'Group', name: group }, room)
          if (of !== undefined) yield of
        }
      }
    },
    rulesOf,
    close() {
      for (const watch of watches) watch.close()
    },
  }
}
