import type { Authorizer, Decision, Rules } from '../authorizer.ts'
import type { RoleIndex } from './role-index.ts'

/** What roles allow to those to whom they are bound. It forbids nothing: what no rule allows is left to who is asked next. */
export const createRbacAuthorizer = (index: RoleIndex): Authorizer => ({
  name: 'rbac',
  authorize({ user, info }): Decision {
    const missing: string[] = []
    for (const held of index.grantsOf(user, info.type === 'path' ? undefined : info.namespace)) {
      const granted = held.grants.find(info)
      if (granted !== undefined) return { type: 'allow', reason: `RBAC: allowed by ${granted.by}` }
      missing.push(...held.missing)
    }
    return missing.length === 0 ? { type: 'noOpinion' } : { type: 'noOpinion', reason: `RBAC: ${inOne(missing)}` }
  },
  rulesOf(user, namespace): Rules | undefined {
    const held = [...index.grantsOf(user, namespace)]
    const rules = held.flatMap(({ granted }) => granted.map(({ rule }) => rule))
    const missing = held.flatMap((one) => one.missing)
    return {
      resources: rules.flatMap(({ verbs, apiGroups = [], resources = [], resourceNames }) =>
        resources.length === 0 ? [] : [{ verbs, apiGroups, resources, ...(resourceNames !== undefined && { resourceNames }) }],
      ),
      paths: rules.flatMap(({ verbs, nonResourceURLs = [] }) => (nonResourceURLs.length === 0 ? [] : [{ verbs, nonResourceURLs }])),
      ...(missing.length > 0 && { incomplete: inOne(missing) }),
    }
  },
})

/** Several errors as Kubernetes puts them into one. */
const inOne = (all: readonly string[]): string => {
  const each = [...new Set(all)]
  return each.length === 1 ? (each[0] ?? '') : `[${each.join(', ')}]`
}
