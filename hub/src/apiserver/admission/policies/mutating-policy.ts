import { compileMutatingPolicy, type MutatingExpressions } from '@bramble/shared/cel/admission/mutating-policy.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { MutatingAdmissionPolicyBinding } from '@bramble/shared/kinds/mutating-admission-policy-binding.ts'
import type { MutatingAdmissionPolicy } from '@bramble/shared/kinds/mutating-admission-policy.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { KindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Metrics } from '../../metrics.ts'
import type { SceneDeps } from '../matching/scene.ts'

export type MutatingPoliciesDeps = SceneDeps & {
  readonly kindSet: KindSet
  readonly log: Log
  readonly metrics: Pick<Metrics, 'mutations' | 'mutationSeconds'>
  readonly clock: Pick<Clock, 'monotonic'>
}

export type MutatingBinding = Pick<MutatingAdmissionPolicyBinding, 'spec'> & { readonly name: string }

/** A policy, ready to be asked. */
export type MutatingPolicy = Pick<MutatingAdmissionPolicy, 'spec'> & {
  readonly name: string
  /** Compiled when it is first asked. */
  readonly expressions: () => MutatingExpressions
}

export function policyOf({ metadata: { name }, spec }: MutatingAdmissionPolicy): MutatingPolicy {
  let compiled: MutatingExpressions | undefined
  return { name, spec, expressions: () => (compiled ??= compileMutatingPolicy(spec)) }
}

export const bindingOf = ({ metadata: { name }, spec }: MutatingAdmissionPolicyBinding): MutatingBinding => ({ name, spec })
