import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import type { PathRequest, ResourceRequest } from '../../query/request-info.ts'
import type { Bound } from './bound-subjects.ts'
import { allowsRequest, type Granted, Grants, placesOf } from './grants.ts'

/** What a subject has in a scope. `missing`: roles that are bound and are not there. */
export type Held = { readonly grants: Pick<Grants, 'find'>; readonly granted: readonly Granted[]; readonly missing: readonly string[] }

/** A binding of a subject, and what its role says. */
export type Part = Bound & { readonly rules: readonly PolicyRule[] | undefined }

/** Roles that say no to what was asked last: of the many groups of one user each may have the same ones. */
export type Refusing = { request: ResourceRequest | PathRequest | undefined; readonly rules: Set<readonly PolicyRule[]> }

/** How much `merged` makes and keeps of them: a short rule may name a thousand resources and as many objects. */
export const sizeOfMerged = (parts: readonly Part[]): number =>
  parts.reduce((sum, { rules = [] }) => sum + 1 + rules.reduce((all, rule) => all + 1 + placesOf(rule), 0), 0)

/** All rules of a subject put together: what is asked of them takes as long however many they are. */
export function merged(parts: readonly Part[]): Held {
  const granted = grantedIn(parts)
  return { grants: new Grants(granted), granted, missing: missingIn(parts) }
}

/** Nothing is kept of it but the roles: what they say is read where it stands. */
export const apart = (parts: readonly Part[], refusing: Refusing): Held => ({
  grants: {
    find(request) {
      if (refusing.request !== request) {
        refusing.request = request
        refusing.rules.clear()
      }
      for (const part of parts) {
        const { rules = [] } = part
        if (refusing.rules.has(rules)) continue
        const rule = rules.find((one) => allowsRequest(one, request))
        if (rule !== undefined) return { rule, by: describe(part) }
        refusing.rules.add(rules)
      }
      return undefined
    },
  },
  get granted() {
    return grantedIn(parts)
  },
  get missing() {
    return missingIn(parts)
  },
})

const missingIn = (parts: readonly Part[]): readonly string[] =>
  parts.flatMap(({ binding: { roleRef }, rules }) =>
    rules === undefined ? [`${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(roleRef.name)} not found`] : [],
  )

const grantedIn = (parts: readonly Part[]): readonly Granted[] =>
  parts.flatMap((part) => {
    const { rules = [] } = part
    if (rules.length === 0) return []
    const by = describe(part)
    return rules.map((rule) => ({ rule, by }))
  })

function describe({ binding: { name, namespace, roleRef }, subject }: Bound): string {
  const whom = subject.kind === 'ServiceAccount' ? accountText(subject.name) : subject.name
  const what = namespace === '' ? `ClusterRoleBinding ${JSON.stringify(name)}` : `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`
  return `${what} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subject.kind} ${JSON.stringify(whom)}`
}

/** `name/namespace`; no name of an account has a colon in it. */
function accountText(subject: string): string {
  const colon = subject.lastIndexOf(':')
  return `${subject.slice(colon + 1)}/${subject.slice(0, colon)}`
}
