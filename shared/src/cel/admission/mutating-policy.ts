import type { Mutation, MutatingAdmissionPolicySpec } from '../../types/mutating-policy.ts'
import { applyTypes, compileFor, conditionTypes, type Expression, jsonPatchTypes } from './compile.ts'
import type { Environment } from './environment.ts'
import { compileVariables } from './policy.ts'

export type PatchType = NonNullable<Mutation['patchType']>

/** The expressions of a MutatingAdmissionPolicy, each at its place. Only those of its mutations make objects and patches. */
export type MutatingExpressions = {
  readonly conditions: readonly Expression[]
  readonly variables: readonly { readonly name: string; readonly expression: Expression }[]
  readonly mutations: readonly { readonly type: PatchType; readonly expression: Expression }[]
}

type Spec = Pick<MutatingAdmissionPolicySpec, 'paramKind' | 'matchConditions' | 'variables' | 'mutations'>

export function compileMutatingPolicy({ paramKind, matchConditions = [], mutations = [], ...spec }: Spec): MutatingExpressions {
  const base = { hasParams: paramKind !== undefined, hasAuthorizer: true }
  const { variables, types } = compileVariables(spec.variables ?? [], base)
  const all: Environment = { ...base, variables: types, hasPatchTypes: true }
  return {
    conditions: matchConditions.map(({ expression }) => compileFor(expression, base, conditionTypes)),
    variables,
    mutations: mutations.map(({ patchType: type = 'ApplyConfiguration', applyConfiguration, jsonPatch }) =>
      type === 'JSONPatch'
        ? { type, expression: compileFor(jsonPatch?.expression ?? '', all, jsonPatchTypes) }
        : { type, expression: compileFor(applyConfiguration?.expression ?? '', all, applyTypes) },
    ),
  }
}
