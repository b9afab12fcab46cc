import * as z from 'zod'
import { checkDnsSubdomain } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message } from '../types/field.ts'
import { mutatingAdmissionPolicyBindingSpec } from '../types/mutating-policy.ts'
import { validateMatchResources } from './rules/admission-matching.ts'
import { shownParams, validateMutableOperations, validateParamRef } from './rules/admission-policies.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { requiredAndChecked } from './rules/field-errors.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'

export const mutatingAdmissionPolicyBinding = message('admissionregistration.k8s.io/v1beta1.MutatingAdmissionPolicyBinding', {
  apiVersion: z.literal('admissionregistration.k8s.io/v1beta1'),
  kind: z.literal('MutatingAdmissionPolicyBinding'),
  metadata: f(1, objectMeta),
  spec: f(2, mutatingAdmissionPolicyBindingSpec.prefault({}), { description: 'What policy it puts to work, and where.' }),
})
export type MutatingAdmissionPolicyBinding = z.infer<typeof mutatingAdmissionPolicyBinding>

export const mutatingAdmissionPolicyBindings = defineKind<MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1beta1',
  kind: 'MutatingAdmissionPolicyBinding',
  resource: 'mutatingadmissionpolicybindings',
  singular: 'mutatingadmissionpolicybinding',
  categories: ['api-extensions'],
  namespaced: false,
  schema: mutatingAdmissionPolicyBinding,
  description: 'Where a policy changes objects, and with what parameters.',
  needsRevision: true,
  columns: [
    nameColumn,
    { name: 'PolicyName', type: 'string', description: 'The policy that it puts to work.', cell: ({ spec }) => spec.policyName ?? '' },
    { name: 'ParamRef', type: 'string', description: 'The parameters.', cell: ({ spec }) => shownParams(spec.paramRef) },
    ageColumn,
  ],
  prepareForCreate: startGeneration,
  prepareForUpdate: countGeneration,
  validate: ({ spec }) => [
    ...requiredAndChecked('spec.policyName', spec.policyName, checkDnsSubdomain),
    ...validateParamRef(spec.paramRef),
    ...validateMatchResources(spec.matchResources, 'spec.matchResources'),
    ...validateMutableOperations(spec.matchResources, 'spec.matchResources'),
  ],
})
