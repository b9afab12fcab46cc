import { mutatingAdmissionPolicyBindings } from '@bramble/shared/kinds/mutating-admission-policy-binding.ts'
import { mutatingAdmissionPolicies } from '@bramble/shared/kinds/mutating-admission-policy.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Asking } from '../dynamic.ts'
import { createFollowed } from '../matching/followed.ts'
import { Reinvocation } from '../matching/reinvocation.ts'
import { equivalentsOf } from '../matching/rules.ts'
import { createBound } from './bound.ts'
import { mutateBy } from './mutate.ts'
import { bindingOf, type MutatingBinding, type MutatingPoliciesDeps, type MutatingPolicy, policyOf } from './mutating-policy.ts'
import { isReview } from './reviews.ts'

/** MutatingAdmissionPolicies and what binds them, as they stand in the store at the moment. They are asked in the order of their names. */
export function createMutatingPolicies(deps: MutatingPoliciesDeps): Asking {
  const { registry, log, kindSet } = deps
  const policies = createFollowed({ registry, log, kind: mutatingAdmissionPolicies, make: policyOf })
  const bindings = createFollowed({ registry, log, kind: mutatingAdmissionPolicyBindings, make: bindingOf })
  const boundTo = createBound<MutatingPolicy, MutatingBinding>(kindSet, { policies: policies.all, bindings: bindings.all })
  const all = { ...deps, equivalentsOf: (kind: Kind) => equivalentsOf(kind, kindSet.all()) }
  return {
    isIdle: () => bindings.all().length === 0,
    mutation(question) {
      // What is deleted cannot be changed.
      if (question.operation === 'DELETE' || question.object === undefined || isReview(question)) return undefined
      const bound = boundTo(question)
      if (bound.length === 0) return undefined
      const rounds = new Reinvocation<string>()
      return { round: () => mutateBy(bound, question, rounds, all), hasChanged: () => rounds.hasChanged }
    },
    validation: () => undefined,
    close() {
      policies.close()
      bindings.close()
    },
  }
}
