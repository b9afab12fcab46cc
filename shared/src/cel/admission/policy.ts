import type { MatchCondition } from '../../types/admission-matching.ts'
import type { AuditAnnotation, ParamKind, Validation, Variable } from '../../types/admission-policy.ts'
import * as t from '../types.ts'
import type { CelType } from '../types.ts'
import { annotationTypes, compileFor, conditionTypes, type Expression, messageTypes, type Wanted } from './compile.ts'
import type { Environment } from './environment.ts'

/** The expressions of a ValidatingAdmissionPolicy, each at its place. */
export type PolicyExpressions = {
  readonly conditions: readonly Expression[]
  readonly variables: readonly { readonly name: string; readonly expression: Expression }[]
  readonly validations: readonly { readonly holds: Expression; readonly message: Expression | undefined }[]
  readonly annotations: readonly Expression[]
}

type Spec = {
  readonly paramKind?: ParamKind | undefined
  readonly matchConditions?: readonly MatchCondition[] | undefined
  readonly variables?: readonly Variable[] | undefined
  readonly validations?: readonly Validation[] | undefined
  readonly auditAnnotations?: readonly AuditAnnotation[] | undefined
}

/** `known`: types of what may be anything, for who only wants to know what is odd. */
export function compilePolicy(spec: Spec, known: Pick<Environment, 'object' | 'params'> = {}): PolicyExpressions {
  const { paramKind, matchConditions = [], validations = [], auditAnnotations = [] } = spec
  const base = { ...known, hasParams: paramKind !== undefined }
  const { variables, types } = compileVariables(spec.variables ?? [], base)
  const all: Environment = { ...base, hasAuthorizer: true, variables: types }
  const compile = (source: string, environment: Environment, wanted: Wanted) => compileFor(source, environment, wanted)
  return {
    conditions: matchConditions.map(({ expression }) => compile(expression, { ...base, hasAuthorizer: true }, conditionTypes)),
    variables,
    validations: validations.map(({ expression, messageExpression = '' }) => ({
      holds: compile(expression, all, conditionTypes),
      message: messageExpression.trim() === '' ? undefined : compile(messageExpression, { ...all, hasAuthorizer: false }, messageTypes),
    })),
    annotations: auditAnnotations.map(({ valueExpression }) => compile(valueExpression, all, annotationTypes)),
  }
}

/** Each sees those before it. */
export function compileVariables(given: readonly Variable[], base: Omit<Environment, 'hasAuthorizer' | 'variables'>) {
  const types = new Map<string, CelType>()
  const variables = given.map(({ name, expression: source }) => {
    const expression = compileFor(source, { ...base, hasAuthorizer: true, variables: new Map(types) }, 'any')
    types.set(name, expression.ok ? plainType(expression.program.type) : t.dyn)
    return { name, expression }
  })
  return { variables, types }
}

/** What has no parts that have names is known by its type, all else may be anything. */
function plainType(type: CelType): CelType {
  switch (type.tag) {
    case 'simple':
      return type
    case 'list':
      return t.listOf(plainType(type.item))
    case 'map':
      return t.mapOf(plainType(type.key), plainType(type.value))
    default:
      return t.dyn
  }
}
