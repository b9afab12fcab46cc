import type { KindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { MatchResources } from '@bramble/shared/types/admission-matching.ts'
import type { Question } from '../matching/question.ts'
import { equivalentsOf, versionMet } from '../matching/rules.ts'

type AnyPolicy = { readonly name: string; readonly spec: { readonly matchConstraints?: MatchResources | undefined } }
type AnyBinding = { readonly name: string; readonly spec: { readonly policyName?: string | undefined } }

export type Bound<P, B> = { readonly policy: P; readonly bindings: readonly B[] }

/**
 * The policies with a binding whose rules a sort of request may meet, whatever the names of its objects and the selectors say. Worked out once for each
 * sort, so that policies about something else cost a write nothing.
 */
export function createBound<P extends AnyPolicy, B extends AnyBinding>(
  kinds: KindSet,
  of: { readonly policies: () => readonly P[]; readonly bindings: () => readonly B[] },
) {
  let from: { readonly policies: readonly P[]; readonly bindings: readonly B[]; readonly kinds: readonly Kind[] } | undefined
  let bound: readonly Bound<P, B>[] = []
  let sorts = new WeakMap<Kind, Map<string, readonly Bound<P, B>[]>>()
  return ({ kind, operation, subresource }: Pick<Question, 'kind' | 'operation' | 'subresource'>): readonly Bound<P, B>[] => {
    const now = { policies: of.policies(), bindings: of.bindings(), kinds: kinds.all() }
    if (now.policies.length === 0 || now.bindings.length === 0) return none
    if (from?.policies !== now.policies || from.bindings !== now.bindings || from.kinds !== now.kinds) {
      from = now
      bound = bindAll(now)
      sorts = new WeakMap()
    }
    let known = sorts.get(kind)
    if (known === undefined) sorts.set(kind, (known = new Map()))
    const sort = `${operation} ${subresource}`
    let found = known.get(sort)
    if (found === undefined) {
      const equivalents = equivalentsOf(kind, now.kinds)
      const mayMeet = ({ policy }: Bound<P, B>) =>
        versionMet(policy.spec.matchConstraints?.resourceRules ?? [], { target: { operation, subresource }, kind, equivalents }) !==
        undefined
      known.set(sort, (found = bound.filter(mayMeet)))
    }
    return found
  }
}

const none: readonly never[] = []

function bindAll<P extends AnyPolicy, B extends AnyBinding>({
  policies,
  bindings,
}: {
  policies: readonly P[]
  bindings: readonly B[]
}): readonly Bound<P, B>[] {
  const byPolicy = new Map<string, B[]>()
  for (const binding of bindings) {
    const { policyName = '' } = binding.spec
    const known = byPolicy.get(policyName)
    if (known === undefined) byPolicy.set(policyName, [binding])
    else known.push(binding)
  }
  return policies.flatMap((policy) => {
    const own = byPolicy.get(policy.name)
    return own === undefined ? [] : [{ policy, bindings: own }]
  })
}
