import * as z from 'zod'
import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { formatSelector, selectorOf } from '../meta/label-selector.ts'
import { checkDnsSubdomain, checkPathSegment } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { type ParamRef, validatingAdmissionPolicyBindingSpec } from '../types/admission-policy.ts'
import { f, message } from '../types/field.ts'
import { validateMatchResources } from './rules/admission-matching.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { checked, duplicatesOf, requiredAndChecked } from './rules/field-errors.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { validateLabelSelector } from './rules/scheduling.ts'

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
    ...(spec.paramRef === undefined ? [] : validateParamRef(spec.paramRef)),
    // Kubernetes' own spelling of the field in its errors.
    ...validateMatchResources(spec.matchResources, 'spec.matchResouces'),
    ...validateActions(spec.validationActions ?? []),
  ],
})

function shownParams(params: ParamRef | undefined): string {
  const { name = '', namespace = '', selector } = params ?? {}
  if (name !== '') return `${namespace === '' ? '*' : namespace}/${name}`
  return selector === undefined ? '<unset>' : formatSelector(selectorOf(selector))
}

function validateParamRef({ name = '', selector, parameterNotFoundAction }: ParamRef): FieldError[] {
  const field = 'spec.paramRef'
  const both = name !== '' && selector !== undefined
  const why = 'name and selector are mutually exclusive'
  return [
    ...checked(`${field}.name`, name, checkPathSegment),
    ...(both ? [fieldForbidden(`${field}.name`, why)] : []),
    ...validateLabelSelector(selector, `${field}.selector`),
    ...(both ? [fieldForbidden(`${field}.selector`, why)] : []),
    ...(name === '' && selector === undefined ? [fieldRequired(field, 'one of name or selector must be specified')] : []),
    ...(parameterNotFoundAction === undefined ? [fieldRequired(`${field}.parameterNotFoundAction`)] : []),
  ]
}

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
