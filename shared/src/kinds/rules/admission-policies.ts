import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import type { Expression } from '../../cel/admission/compile.ts'
import { formatSelector, selectorOf } from '../../meta/label-selector.ts'
import { checkDns1035Label, checkDnsSubdomain, checkPathSegment } from '../../meta/names.ts'
import type { MatchResources } from '../../types/admission-matching.ts'
import type { ParamKind, ParamRef, Variable } from '../../types/admission-policy.ts'
import { validateMatchResources } from './admission-matching.ts'
import { checked } from './field-errors.ts'
import { validateLabelSelector } from './scheduling.ts'

// What the policies that change objects and those that judge them have in common, and their bindings.

export const shownParamKind = (paramKind: ParamKind | undefined): string =>
  paramKind === undefined ? '<unset>' : `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`

export const validateMatchConstraints = (match: MatchResources | undefined): FieldError[] =>
  match === undefined
    ? [fieldRequired('spec.matchConstraints')]
    : [
        ...validateMatchResources(match, 'spec.matchConstraints'),
        ...((match.resourceRules ?? []).length === 0 ? [fieldRequired('spec.matchConstraints.resourceRules')] : []),
      ]

export function validateParamKind(paramKind: ParamKind | undefined): FieldError[] {
  if (paramKind === undefined) return []
  const { apiVersion = '', kind = '' } = paramKind
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

export function validateVariable({ name, expression }: Variable, field: string): FieldError[] {
  return [
    ...(name.trim() === ''
      ? [fieldRequired(`${field}.name`, 'name is not specified')]
      : identifier.test(name) && !reserved.has(name)
        ? []
        : [fieldInvalid(`${field}.name`, name, 'name is not a valid CEL identifier')]),
    ...(expression.trim() === '' ? [fieldRequired(`${field}.expression`, 'expression is not specified')] : []),
  ]
}

/** Of an expression that is there at all and cannot be compiled. */
export const compileErrors = (field: string, expression: Expression | undefined): FieldError[] =>
  expression === undefined || expression.ok || expression.source.trim() === ''
    ? []
    : [fieldInvalid(field, expression.source, expression.why)]

export function shownParams(params: ParamRef | undefined): string {
  const { name = '', namespace = '', selector } = params ?? {}
  if (name !== '') return `${namespace === '' ? '*' : namespace}/${name}`
  return selector === undefined ? '<unset>' : formatSelector(selectorOf(selector))
}

export function validateParamRef(params: ParamRef | undefined): FieldError[] {
  if (params === undefined) return []
  const { name = '', selector, parameterNotFoundAction } = params
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

const mutable = ['*', 'CONNECT', 'CREATE', 'UPDATE'] as const

/** What is deleted cannot be changed. Kubernetes names the rules together. */
export const validateMutableOperations = (match: MatchResources | undefined, field: string): FieldError[] =>
  (match?.resourceRules ?? []).flatMap(({ operations = [] }) =>
    operations.flatMap((operation) =>
      (mutable as readonly string[]).includes(operation)
        ? []
        : [fieldNotSupported(`${field}.resourceRules.operations`, operation, mutable)],
    ),
  )
