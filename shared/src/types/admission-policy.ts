import * as z from 'zod'
import { condition } from '../meta/condition.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { matchCondition, matchResources } from './admission-matching.ts'
import { f, message, oneOf, opt } from './field.ts'
import { int64, text } from './scalars.ts'

const group = 'admissionregistration.k8s.io/v1'

/** Of one version of the group: all have them, each under its own name. */
export function policyTypes(version: string) {
  const paramKind = message(
    `${version}.ParamKind`,
    {
      apiVersion: opt(1, text, { description: 'The group and version of the parameters.' }),
      kind: opt(2, text, { description: 'Their kind.' }),
    },
    { map: 'atomic' },
  )
  const variable = message(
    `${version}.Variable`,
    {
      name: f(1, text, { description: 'What it is called: variables.<name>.' }),
      expression: f(2, text, { description: 'What it is, in CEL.' }),
    },
    { map: 'atomic' },
  )
  const paramRef = message(
    `${version}.ParamRef`,
    {
      name: opt(1, text, { description: 'The name of the parameters.' }),
      namespace: opt(2, text, { description: 'Their namespace; that of the object if none is given.' }),
      selector: opt(3, labelSelector, { description: 'Their labels, in place of a name.' }),
      parameterNotFoundAction: opt(4, oneOf('Allow', 'Deny'), { description: 'What follows when there are none.', ptr: true }),
    },
    { map: 'atomic' },
  )
  return { paramKind, variable, paramRef }
}

export const { paramKind, variable, paramRef } = policyTypes(group)
export type ParamKind = z.infer<typeof paramKind>
export type Variable = z.infer<typeof variable>
export type ParamRef = z.infer<typeof paramRef>

export const validation = message(`${group}.Validation`, {
  expression: f(1, text, { description: 'What must be true, in CEL.' }),
  message: opt(2, text, { description: 'What is said when it is not.' }),
  reason: opt(3, oneOf('Forbidden', 'Invalid', 'RequestEntityTooLarge'), { description: 'How that is told to machines.', ptr: true }),
  messageExpression: opt(4, text, { description: 'What is said when it is not, in CEL.' }),
})
export type Validation = z.infer<typeof validation>

export const auditAnnotation = message(`${group}.AuditAnnotation`, {
  key: f(1, text, { description: 'What the annotation is called.' }),
  valueExpression: f(2, text, { description: 'What it says, in CEL.' }),
})
export type AuditAnnotation = z.infer<typeof auditAnnotation>

export const validatingAdmissionPolicySpec = message(`${group}.ValidatingAdmissionPolicySpec`, {
  paramKind: opt(1, paramKind, { description: 'What parameters it takes.' }),
  matchConstraints: opt(2, matchResources, { description: 'What requests it is about.' }),
  validations: opt(3, z.array(validation), { description: 'What must be true of them.', list: 'atomic' }),
  failurePolicy: f(4, oneOf('Fail', 'Ignore').default('Fail'), { description: 'What follows when an expression fails.', ptr: true }),
  auditAnnotations: opt(5, z.array(auditAnnotation), { description: 'What is noted about them.', list: 'atomic' }),
  matchConditions: opt(6, z.array(matchCondition), {
    description: 'What else must be true of a request for it to be asked.',
    list: 'map',
    keys: ['name'],
    patch: 'merge',
    key: 'name',
  }),
  variables: opt(7, z.array(variable), { description: 'Parts of expressions.', list: 'map', keys: ['name'], patch: 'merge', key: 'name' }),
})
export type ValidatingAdmissionPolicySpec = z.infer<typeof validatingAdmissionPolicySpec>

export const expressionWarning = message(`${group}.ExpressionWarning`, { fieldRef: f(2, text), warning: f(3, text) })
export const typeChecking = message(`${group}.TypeChecking`, {
  expressionWarnings: opt(1, z.array(expressionWarning), { list: 'atomic' }),
})
export const validatingAdmissionPolicyStatus = message(`${group}.ValidatingAdmissionPolicyStatus`, {
  observedGeneration: opt(1, int64, { description: 'The generation that this is about.' }),
  typeChecking: opt(2, typeChecking, { description: 'What is odd about its expressions.' }),
  conditions: opt(3, z.array(condition), { description: 'What is true of it, and since when.', list: 'map', keys: ['type'] }),
})

export const validatingAdmissionPolicyBindingSpec = message(`${group}.ValidatingAdmissionPolicyBindingSpec`, {
  policyName: opt(1, text, { description: 'The policy that it puts to work.' }),
  paramRef: opt(2, paramRef, { description: 'The parameters.' }),
  matchResources: opt(3, matchResources, { description: 'What it is limited to.' }),
  validationActions: opt(4, z.array(oneOf('Audit', 'Deny', 'Warn')), {
    description: 'What is done about what does not hold.',
    list: 'set',
  }),
})
