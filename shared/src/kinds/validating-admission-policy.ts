import * as z from 'zod'
import { type FieldError, fieldDuplicate, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { compilePolicy } from '../cel/admission/policy.ts'
import { checkQualifiedName } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { allMetadata, defineKind } from '../schema/kind.ts'
import {
  type AuditAnnotation,
  type Validation,
  validatingAdmissionPolicySpec,
  type ValidatingAdmissionPolicySpec,
  validatingAdmissionPolicyStatus,
} from '../types/admission-policy.ts'
import { f, message, opt } from '../types/field.ts'
import { validateMatchConditions } from './rules/admission-matching.ts'
import { compileErrors, shownParamKind, validateMatchConstraints, validateParamKind, validateVariable } from './rules/admission-policies.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { checked, duplicatesOf } from './rules/field-errors.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'

export const validatingAdmissionPolicy = message('admissionregistration.k8s.io/v1.ValidatingAdmissionPolicy', {
  apiVersion: z.literal('admissionregistration.k8s.io/v1'),
  kind: z.literal('ValidatingAdmissionPolicy'),
  metadata: f(1, objectMeta),
  spec: f(2, validatingAdmissionPolicySpec.prefault({}), { description: 'What it demands.' }),
  status: opt(3, validatingAdmissionPolicyStatus, { description: 'What became of it.', byValue: true }),
})
export type ValidatingAdmissionPolicy = z.infer<typeof validatingAdmissionPolicy>

export const validatingAdmissionPolicies = defineKind<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  resource: 'validatingadmissionpolicies',
  singular: 'validatingadmissionpolicy',
  categories: ['api-extensions'],
  namespaced: false,
  schema: validatingAdmissionPolicy,
  description: 'What must be true of objects on their way in, in CEL.',
  needsRevision: true,
  subresources: { status: true, statusKeeps: allMetadata },
  columns: [
    nameColumn,
    {
      name: 'Validations',
      type: 'integer',
      description: 'How much must be true.',
      cell: ({ spec: { validations = [] } }) => validations.length,
    },
    {
      name: 'ParamKind',
      type: 'string',
      description: 'What parameters it takes.',
      cell: ({ spec }) => shownParamKind(spec.paramKind),
    },
    ageColumn,
  ],
  prepareForCreate(object) {
    startGeneration(object)
    delete object.status
  },
  prepareForUpdate: countGeneration,
  validate: ({ metadata, spec }) => [
    ...validateParamKind(spec.paramKind),
    ...validateMatchConstraints(spec.matchConstraints),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', spec.paramKind !== undefined),
    ...(spec.variables ?? []).flatMap((variable, i) => validateVariable(variable, `spec.variables[${i}]`)),
    ...((spec.validations ?? []).length + (spec.auditAnnotations ?? []).length === 0
      ? ['spec.validations', 'spec.auditAnnotations'].map((field) =>
          fieldRequired(field, 'validations or auditAnnotations must contain at least one item'),
        )
      : []),
    ...(spec.validations ?? []).flatMap((validation, i) => validateValidation(validation, `spec.validations[${i}]`)),
    ...validateAuditAnnotations(spec.auditAnnotations ?? [], metadata.name),
    ...validateExpressions(spec),
  ],
})

function validateValidation({ expression, message: said = '', messageExpression = '' }: Validation, field: string): FieldError[] {
  return [
    ...(expression.trim() === '' ? [fieldRequired(`${field}.expression`, 'expression is not specified')] : []),
    ...(messageExpression !== '' && messageExpression.trim() === ''
      ? [fieldInvalid(`${field}.messageExpression`, messageExpression, 'must be non-empty if specified')]
      : []),
    ...(said !== '' && said.trim() === ''
      ? [fieldInvalid(`${field}.message`, said, 'message must be non-empty if specified')]
      : /[\n\r]/.test(said.trim())
        ? [fieldInvalid(`${field}.message`, said, 'message must not contain line breaks')]
        : []),
  ]
}

/** What cannot be compiled, of what is there at all; each is told where it stands. */
function validateExpressions(spec: ValidatingAdmissionPolicySpec): FieldError[] {
  const { variables, validations, annotations } = compilePolicy({ ...spec, matchConditions: [] })
  return [
    ...variables.flatMap(({ expression }, i) => compileErrors(`spec.variables[${i}].expression`, expression)),
    ...validations.flatMap(({ holds, message: said }, i) => [
      ...compileErrors(`spec.validations[${i}].expression`, holds),
      ...compileErrors(`spec.validations[${i}].messageExpression`, said),
    ]),
    ...annotations.flatMap((expression, i) =>
      expression.source.length > longestValueExpression ? [] : compileErrors(`spec.auditAnnotations[${i}].valueExpression`, expression),
    ),
  ]
}

const mostAnnotations = 20
const longestValueExpression = 5 * 1024

function validateAuditAnnotations(annotations: readonly AuditAnnotation[], policy: string): FieldError[] {
  const field = 'spec.auditAnnotations'
  const repeated = new Set(duplicatesOf(annotations.map(({ key }) => key)))
  return [
    ...(annotations.length > mostAnnotations
      ? [fieldInvalid(field, annotations, `must not have more than ${mostAnnotations} auditAnnotations`)]
      : []),
    ...annotations.flatMap(({ key, valueExpression }, i) => [
      ...checked(`${field}[${i}].key`, `${policy}/${key}`, checkQualifiedName),
      ...(valueExpression.trim() === '' ? [fieldRequired(`${field}[${i}].valueExpression`, 'valueExpression is not specified')] : []),
      ...(Buffer.byteLength(valueExpression.trim()) > longestValueExpression
        ? [fieldRequired(`${field}[${i}].valueExpression`, `must not exceed ${longestValueExpression} bytes in length`)]
        : []),
      ...(repeated.has(i) ? [fieldDuplicate(`${field}[${i}].key`, key)] : []),
    ]),
  ]
}
