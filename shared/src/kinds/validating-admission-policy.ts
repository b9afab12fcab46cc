import * as z from 'zod'
import { type FieldError, fieldDuplicate, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import type { Expression } from '../cel/admission/compile.ts'
import { compilePolicy } from '../cel/admission/policy.ts'
import { checkDns1035Label, checkDnsSubdomain, checkQualifiedName } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { allMetadata, defineKind } from '../schema/kind.ts'
import {
  type AuditAnnotation,
  type ParamKind,
  type Validation,
  validatingAdmissionPolicySpec,
  type ValidatingAdmissionPolicySpec,
  validatingAdmissionPolicyStatus,
  type Variable,
} from '../types/admission-policy.ts'
import { f, message, opt } from '../types/field.ts'
import { validateMatchConditions, validateMatchResources } from './rules/admission-matching.ts'
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
      cell: ({ spec: { paramKind } }) => (paramKind === undefined ? '<unset>' : `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`),
    },
    ageColumn,
  ],
  prepareForCreate(object) {
    startGeneration(object)
    delete object.status
  },
  prepareForUpdate: countGeneration,
  validate: ({ metadata, spec }) => [
    ...(spec.paramKind === undefined ? [] : validateParamKind(spec.paramKind)),
    ...(spec.matchConstraints === undefined
      ? [fieldRequired('spec.matchConstraints')]
      : [
          ...validateMatchResources(spec.matchConstraints, 'spec.matchConstraints'),
          ...((spec.matchConstraints.resourceRules ?? []).length === 0 ? [fieldRequired('spec.matchConstraints.resourceRules')] : []),
        ]),
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

function validateParamKind({ apiVersion = '', kind = '' }: ParamKind): FieldError[] {
  const field = 'spec.paramKind'
  const parts = apiVersion.split('/')
  const [version = '', group = ''] = parts.toReversed()
  const one = (name: string, value: string, complaints: readonly string[], before = '') =>
    complaints.length === 0 ? [] : [fieldInvalid(`${field}.${name}`, value, before + complaints.join(','))]
  const ofVersion = () => {
    if (apiVersion === '') return [fieldRequired(`${field}.apiVersion`)]
    if (parts.length > 2) return [fieldInvalid(`${field}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
    return [
      ...(group === '' ? [] : one('apiVersion', group, checkDnsSubdomain(group))),
      ...(version === ''
        ? [fieldInvalid(`${field}.apiVersion`, apiVersion, 'version must be specified')]
        : one('apiVersion', version, checkDns1035Label(version))),
    ]
  }
  return [
    ...ofVersion(),
    ...(kind === ''
      ? [fieldRequired(`${field}.kind`)]
      : one('kind', kind, checkDns1035Label(kind.toLowerCase()), 'may have mixed case, but should otherwise match: ')),
  ]
}

const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

function validateVariable({ name, expression }: Variable, field: string): FieldError[] {
  return [
    ...(name.trim() === ''
      ? [fieldRequired(`${field}.name`, 'name is not specified')]
      : identifier.test(name) && !reserved.has(name)
        ? []
        : [fieldInvalid(`${field}.name`, name, 'name is not a valid CEL identifier')]),
    ...(expression.trim() === '' ? [fieldRequired(`${field}.expression`, 'expression is not specified')] : []),
  ]
}

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
  const wrong = (field: string, expression: Expression | undefined): FieldError[] =>
    expression === undefined || expression.ok || expression.source.trim() === ''
      ? []
      : [fieldInvalid(field, expression.source, expression.why)]
  return [
    ...variables.flatMap(({ expression }, i) => wrong(`spec.variables[${i}].expression`, expression)),
    ...validations.flatMap(({ holds, message: said }, i) => [
      ...wrong(`spec.validations[${i}].expression`, holds),
      ...wrong(`spec.validations[${i}].messageExpression`, said),
    ]),
    ...annotations.flatMap((expression, i) =>
      expression.source.length > longestValueExpression ? [] : wrong(`spec.auditAnnotations[${i}].valueExpression`, expression),
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
