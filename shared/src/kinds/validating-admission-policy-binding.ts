import * as z from 'zod'
import { type FieldError, fieldDuplicate, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { checkDnsSubdomain } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { validatingAdmissionPolicyBindingSpec } from '../types/admission-policy.ts'
import { f, message } from '../types/field.ts'
import { validateMatchResources } from './rules/admission-matching.ts'
import { shownParams, validateParamRef } from './rules/admission-policies.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { duplicatesOf, requiredAndChecked } from './rules/field-errors.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'

export const validatingAdmissionPolicyBinding = message('admissionregistration.k8s.io/v1.ValidatingAdmissionPolicyBinding', {
  apiVersion: z.literal('admissionregistration.k8s.io/v1'),
  kind: z.literal('ValidatingAdmissionPolicyBinding'),
  metadata: f(1, objectMeta),
  spec: f(2, validatingAdmissionPolicyBindingSpec.prefault({}), { description: 'What policy it puts to work, and where.' }),
})
export type ValidatingAdmissionPolicyBinding = z.infer<typeof validatingAdmissionPolicyBinding>

export const validatingAdmissionPolicyBindings = defineKind<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  resource: 'validatingadmissionpolicybindings',
  singular: 'validatingadmissionpolicybinding',
  categories: ['api-extensions'],
  namespaced: false,
  schema: validatingAdmissionPolicyBinding,
  description: 'Where a policy holds, and with what parameters.',
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
    // Kubernetes' own spelling of the field in its errors.
    ...validateMatchResources(spec.matchResources, 'spec.matchResouces'),
    ...validateActions(spec.validationActions ?? []),
  ],
})

function validateActions(actions: readonly string[]): FieldError[] {
  const field = 'spec.validationActions'
  const twice = '(repeating the same validation failure information in the API response and headers serves no purpose)'
  return [
    ...duplicatesOf(actions).map((i) => fieldDuplicate(`${field}[${i}]`, actions[i])),
    ...(actions.includes('Deny') && actions.includes('Warn')
      ? [fieldInvalid(field, actions, `must not contain both Deny and Warn ${twice}`)]
      : []),
    ...(actions.length === 0 ? [fieldRequired(field, 'at least one validation action is required')] : []),
  ]
}
