import * as z from 'zod'
import { labelSelector } from '../meta/label-selector.ts'
import { matchCondition, ruleWithOperations } from './admission-matching.ts'
import { f, message, oneOf, opt } from './field.ts'
import { bytes, int32, text } from './scalars.ts'

const group = 'admissionregistration.k8s.io/v1'

export const serviceReference = message(`${group}.ServiceReference`, {
  namespace: f(1, text, { description: 'The namespace of the Service.' }),
  name: f(2, text, { description: 'The name of the Service.' }),
  path: opt(3, text, { description: 'The path that is asked for.', ptr: true }),
  port: f(4, int32.default(443), { description: 'The port of the Service.', ptr: true }),
})
export type ServiceReference = z.infer<typeof serviceReference>

export const webhookClientConfig = message(`${group}.WebhookClientConfig`, {
  url: opt(3, text, { description: 'Where it is, if it is no Service: https://host[/path].', ptr: true }),
  service: opt(1, serviceReference, { description: 'The Service that answers.' }),
  caBundle: opt(2, bytes, { description: 'The authorities that its certificate may come from.' }),
})
export type WebhookClientConfig = z.infer<typeof webhookClientConfig>

/** What both kinds of webhooks have; two of the fields have a number of their own in each. */
const webhookShape = (numbers: { readonly objectSelector: number; readonly matchConditions: number }) => ({
  name: f(1, text, { description: 'A name with a domain, such as check.example.com.' }),
  clientConfig: f(2, webhookClientConfig.prefault({}), { description: 'Who is asked.' }),
  rules: opt(3, z.array(ruleWithOperations), { description: 'What requests it is asked about.', list: 'atomic' }),
  failurePolicy: f(4, oneOf('Fail', 'Ignore').default('Fail'), { description: 'What follows when it does not answer.', ptr: true }),
  matchPolicy: f(9, oneOf('Equivalent', 'Exact').default('Equivalent'), {
    description: 'Whether other versions of what is named count as well.',
    ptr: true,
  }),
  namespaceSelector: f(5, labelSelector.default({}), { description: 'The namespaces of the objects.' }),
  objectSelector: f(numbers.objectSelector, labelSelector.default({}), { description: 'The labels of the objects.' }),
  sideEffects: opt(6, oneOf('None', 'NoneOnDryRun'), { description: 'Whether asking it does something beside.', ptr: true }),
  timeoutSeconds: f(7, int32.default(10), { description: 'How long an answer is waited for.', ptr: true }),
  admissionReviewVersions: f(8, z.array(text).default([]), { description: 'The versions of questions that it takes.', list: 'atomic' }),
  matchConditions: opt(numbers.matchConditions, z.array(matchCondition), {
    description: 'What else must be true of a request.',
    list: 'map',
    keys: ['name'],
    patch: 'merge',
    key: 'name',
  }),
})

export const validatingWebhook = message(`${group}.ValidatingWebhook`, webhookShape({ objectSelector: 10, matchConditions: 11 }))
export type ValidatingWebhook = z.infer<typeof validatingWebhook>

export const mutatingWebhook = message(`${group}.MutatingWebhook`, {
  ...webhookShape({ objectSelector: 11, matchConditions: 12 }),
  reinvocationPolicy: f(10, oneOf('IfNeeded', 'Never').default('Never'), {
    description: 'Whether it is asked again when another one changed the object.',
    ptr: true,
  }),
})
export type MutatingWebhook = z.infer<typeof mutatingWebhook>
