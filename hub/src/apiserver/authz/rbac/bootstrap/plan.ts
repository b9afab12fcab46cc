import type { KubeObject } from '@bramble/shared/api/client.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import type { AggregationRule, PolicyRule, RoleRef, Subject } from '@bramble/shared/types/rbac.ts'
import { missingFrom } from '../covers.ts'
import { autoUpdate } from './objects.ts'

/** What is to be done about one role or binding. `remake`: what a binding binds never changes, so it is made anew. */
export type Plan<T> = { readonly type: 'nothing' | 'make' | 'remake' } | { readonly type: 'change'; readonly object: T }

type AnyRole = KubeObject & { readonly rules?: PolicyRule[] | undefined; readonly aggregationRule?: AggregationRule | undefined }
type AnyBinding = KubeObject & { readonly roleRef: RoleRef; readonly subjects?: Subject[] | undefined }

export function planRole<T extends AnyRole>(wanted: T, seen: T | undefined): Plan<T> {
  if (seen === undefined) return { type: 'make' }
  if (isProtected(seen)) return { type: 'nothing' }
  const rules = seen.rules ?? []
  const missing = isSameJson(rules, wanted.rules ?? []) ? [] : (missingFrom(rules, wanted.rules ?? []) ?? [])
  const aggregationRule = aggregationOf(wanted, seen)
  return changed(seen, {
    ...seen,
    metadata: metadataOf(wanted, seen),
    ...(missing.length > 0 && { rules: [...rules, ...missing] }),
    aggregationRule,
  })
}

/** A role that was not meant to gather others does not. */
function aggregationOf({ aggregationRule: wanted }: AnyRole, { aggregationRule: seen }: AnyRole): AggregationRule | undefined {
  if (wanted === undefined) return undefined
  const selectors = seen?.clusterRoleSelectors ?? []
  const missing = (wanted.clusterRoleSelectors ?? []).filter((selector) => !selectors.some((one) => isSameJson(one, selector)))
  return missing.length === 0 ? seen : { clusterRoleSelectors: [...selectors, ...missing] }
}

export function planBinding<T extends AnyBinding>(wanted: T, seen: T | undefined): Plan<T> {
  if (seen === undefined) return { type: 'make' }
  if (isProtected(seen)) return { type: 'nothing' }
  if (!isSameJson(seen.roleRef, wanted.roleRef)) return { type: 'remake' }
  const subjects = seen.subjects ?? []
  const missing = (wanted.subjects ?? []).filter((subject) => !subjects.some((one) => isSameJson(one, subject)))
  return changed(seen, {
    ...seen,
    metadata: metadataOf(wanted, seen),
    ...(missing.length > 0 && { subjects: [...subjects, ...missing] }),
  })
}

const isProtected = ({ metadata }: KubeObject): boolean => metadata.annotations?.[autoUpdate] === 'false'

/** What is there has precedence. */
const metadataOf = ({ metadata: wanted }: KubeObject, { metadata: seen }: KubeObject): KubeObject['metadata'] => ({
  ...seen,
  annotations: { ...wanted.annotations, ...seen.annotations },
  labels: { ...wanted.labels, ...seen.labels },
})

function changed<T extends KubeObject>(seen: T, next: T): Plan<T> {
  const object = structuredClone(next)
  return isSameJson(seen, object) ? { type: 'nothing' } : { type: 'change', object }
}
