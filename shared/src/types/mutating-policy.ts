import * as z from 'zod'
import { matchingTypes } from './admission-matching.ts'
import { policyTypes } from './admission-policy.ts'
import { f, message, oneOf, opt } from './field.ts'
import { text } from './scalars.ts'

const group = 'admissionregistration.k8s.io/v1beta1'
const { matchCondition, matchResources } = matchingTypes(group)
const { paramKind, variable, paramRef } = policyTypes(group)

export const mutation = message(`${group}.Mutation`, {
  patchType: opt(2, oneOf('ApplyConfiguration', 'JSONPatch'), { description: 'In which of the two ways the change is said.' }),
  applyConfiguration: opt(
    3,
    message(`${group}.ApplyConfiguration`, {
      expression: opt(1, text, { description: 'What is laid over the object as by server-side apply, in CEL: an Object{}.' }),
    }),
    { description: 'What is laid over the object.' },
  ),
  jsonPatch: opt(
    4,
    message(`${group}.JSONPatch`, {
      expression: opt(1, text, { description: 'The operations of a JSON patch, in CEL: a list of JSONPatch{}.' }),
    }),
    { description: 'What is done to the object, step by step.' },
  ),
})
export type Mutation = z.infer<typeof mutation>

export const mutatingAdmissionPolicySpec = message(`${group}.MutatingAdmissionPolicySpec`, {
  paramKind: opt(1, paramKind, { description: 'What parameters it takes.' }),
  matchConstraints: opt(2, matchResources, { description: 'What requests it is about.' }),
  variables: opt(3, z.array(variable), { description: 'Parts of expressions.', list: 'atomic' }),
  mutations: opt(4, z.array(mutation), { description: 'What is changed, one after the other.', list: 'atomic' }),
  failurePolicy: f(5, oneOf('Fail', 'Ignore').default('Fail'), { description: 'What follows when an expression fails.', ptr: true }),
  matchConditions: opt(6, z.array(matchCondition), {
    description: 'What else must be true of a request for it to be asked.',
    list: 'map',
    keys: ['name'],
    patch: 'merge',
    key: 'name',
  }),
  reinvocationPolicy: opt(7, oneOf('IfNeeded', 'Never'), {
    description: 'Whether it is asked again when others have changed the object after it.',
  }),
})
export type MutatingAdmissionPolicySpec = z.infer<typeof mutatingAdmissionPolicySpec>

export const mutatingAdmissionPolicyBindingSpec = message(`${group}.MutatingAdmissionPolicyBindingSpec`, {
  policyName: opt(1, text, { description: 'The policy that it puts to work.' }),
  paramRef: opt(2, paramRef, { description: 'The parameters.' }),
  matchResources: opt(3, matchResources, { description: 'What it is limited to.' }),
})
