import * as z from 'zod'
import { type FieldError, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { compileMutatingPolicy } from '../cel/admission/mutating-policy.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message } from '../types/field.ts'
import { type Mutation, mutatingAdmissionPolicySpec, type MutatingAdmissionPolicySpec } from '../types/mutating-policy.ts'
import { validateMatchConditions } from './rules/admission-matching.ts'
import {
  compileErrors,
  shownParamKind,
  validateMatchConstraints,
  validateMutableOperations,
  validateParamKind,
  validateVariable,
} from './rules/admission-policies.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'

export const mutatingAdmissionPolicy = message('admissionregistration.k8s.io/v1beta1.MutatingAdmissionPolicy', {
  apiVersion: z.literal('admissionregistration.k8s.io/v1beta1'),
  kind: z.literal('MutatingAdmissionPolicy'),
  metadata: f(1, objectMeta),
  spec: f(2, mutatingAdmissionPolicySpec.prefault({}), { description: 'What it changes, and where.' }),
})
export type MutatingAdmissionPolicy = z.infer<typeof mutatingAdmissionPolicy>

export const mutatingAdmissionPolicies = defineKind<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1beta1',
  kind: 'MutatingAdmissionPolicy',
  resource: 'mutatingadmissionpolicies',
  singular: 'mutatingadmissionpolicy',
  categories: ['api-extensions'],
  namespaced: false,
  schema: mutatingAdmissionPolicy,
  description: 'What becomes of objects on their way in, in CEL.',
  needsRevision: true,
  columns: [
    nameColumn,
    { name: 'Mutations', type: 'integer', description: 'How much is changed.', cell: ({ spec: { mutations = [] } }) => mutations.length },
    { name: 'ParamKind', type: 'string', description: 'What parameters it takes.', cell: ({ spec }) => shownParamKind(spec.paramKind) },
    ageColumn,
  ],
  prepareForCreate: startGeneration,
  prepareForUpdate: countGeneration,
  validate: ({ spec }) => [
    ...validateParamKind(spec.paramKind),
    ...validateMatchConstraints(spec.matchConstraints),
    ...validateMutableOperations(spec.matchConstraints, 'spec.matchConstraints'),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', spec.paramKind !== undefined),
    ...(spec.variables ?? []).flatMap((variable, i) => validateVariable(variable, `spec.variables[${i}]`)),
    ...((spec.mutations ?? []).length === 0 ? [fieldRequired('spec.mutations', 'mutations must contain at least one item')] : []),
    ...(spec.mutations ?? []).flatMap((mutation, i) => validateMutation(mutation, `spec.mutations[${i}]`)),
    ...validateExpressions(spec),
    ...(spec.reinvocationPolicy === undefined ? [fieldRequired('spec.reinvocationPolicy')] : []),
  ],
})

const members = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const

/** The member that its type names is there, and no other. */
function validateMutation(mutation: Mutation, field: string): FieldError[] {
  const { patchType } = mutation
  if (patchType === undefined) return [fieldRequired(`${field}.patchType`)]
  const named = members[patchType]
  const other = patchType === 'JSONPatch' ? members.ApplyConfiguration : members.JSONPatch
  const given = mutation[named]
  return [
    ...(given === undefined
      ? [fieldRequired(`${field}.${named}`, `must be specified when patchType is ${patchType}`)]
      : (given.expression ?? '').trim() === ''
        ? [fieldRequired(`${field}.${named}.expression`)]
        : []),
    ...(mutation[other] === undefined
      ? []
      : [fieldInvalid(`${field}.${other}`, `{${other}}`, `must not be specified when patchType is ${patchType}`)]),
  ]
}

/** What cannot be compiled, of what is there at all; each is told where it stands. */
function validateExpressions(spec: MutatingAdmissionPolicySpec): FieldError[] {
  const { variables, mutations } = compileMutatingPolicy({ ...spec, matchConditions: [] })
  return [
    ...variables.flatMap(({ expression }, i) => compileErrors(`spec.variables[${i}].expression`, expression)),
    ...mutations.flatMap(({ type, expression }, i) => compileErrors(`spec.mutations[${i}].${members[type]}.expression`, expression)),
  ]
}
