import { compilePolicy, type PolicyExpressions } from '@bramble/shared/cel/admission/policy.ts'
import type { ValidatingAdmissionPolicyBinding } from '@bramble/shared/kinds/validating-admission-policy-binding.ts'
import type { ValidatingAdmissionPolicy } from '@bramble/shared/kinds/validating-admission-policy.ts'

export type Binding = Pick<ValidatingAdmissionPolicyBinding, 'spec'> & { readonly name: string }

/** A policy, ready to be asked. */
export type Policy = Pick<ValidatingAdmissionPolicy, 'spec'> & {
  readonly name: string
  /** Compiled when it is first asked. */
  readonly expressions: () => PolicyExpressions
}

export function policyOf({ metadata: { name }, spec }: ValidatingAdmissionPolicy): Policy {
  let compiled: PolicyExpressions | undefined
  return { name, spec, expressions: () => (compiled ??= compilePolicy(spec)) }
}

export const bindingOf = ({ metadata: { name }, spec }: ValidatingAdmissionPolicyBinding): Binding => ({ name, spec })
