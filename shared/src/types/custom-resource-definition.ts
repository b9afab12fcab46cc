import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from './field.ts'
import { jsonSchemaProps } from './json-schema-props.ts'
import { bool, boolOrFalse, bytes, conditionStatus, int32, int64, text, textOrEmpty, time } from './scalars.ts'

const named = <S extends z.ZodRawShape>(name: string, shape: S) => message(`apiextensions.k8s.io/v1.${name}`, shape)

export const customResourceNames = named('CustomResourceDefinitionNames', {
  plural: f(1, textOrEmpty, { description: 'What its objects are served under: `/apis/<group>/<version>/<plural>`. Never changes.' }),
  singular: opt(2, text, { description: 'What one of them is called at a command line; the kind in lower case unless it is given.' }),
  shortNames: opt(3, z.array(text), { description: 'Shorter words for it at a command line.', list: 'atomic' }),
  kind: f(4, textOrEmpty, { description: 'What its objects call themselves.' }),
  listKind: opt(5, text, { description: 'What a list of them calls itself; the kind and List unless it is given.' }),
  categories: opt(6, z.array(text), { description: 'Groups of resources that it is listed with, such as all.', list: 'atomic' }),
})
export type CustomResourceNames = z.infer<typeof customResourceNames>

const serviceReference = named('ServiceReference', {
  namespace: f(1, textOrEmpty),
  name: f(2, textOrEmpty),
  path: opt(3, text, { ptr: true }),
  port: opt(4, int32, { description: '443 unless it is given.', ptr: true }),
})
const webhookClientConfig = named('WebhookClientConfig', {
  service: opt(1, serviceReference, { description: 'A Service of this cluster.' }),
  caBundle: opt(2, bytes, { description: 'Certificates, in PEM, that the webhook must show one of.' }),
  url: opt(3, text, { description: 'Where it is, if it is no Service of this cluster.', ptr: true }),
})
const webhookConversion = named('WebhookConversion', {
  clientConfig: opt(2, webhookClientConfig, { description: 'Where the webhook is.' }),
  conversionReviewVersions: f(3, z.array(text).default([]), {
    description: 'The versions of ConversionReview that it understands, preferred first.',
    list: 'atomic',
  }),
})
const customResourceConversion = named('CustomResourceConversion', {
  strategy: f(1, textOrEmpty, { description: 'None: versions differ in nothing but their name. Webhook: somebody converts.' }),
  webhook: opt(2, webhookConversion, { description: 'Who converts.' }),
})
export type CustomResourceConversion = z.infer<typeof customResourceConversion>

const printerColumn = named('CustomResourceColumnDefinition', {
  name: f(1, textOrEmpty, { description: 'The head of the column.' }),
  type: f(2, textOrEmpty, { description: 'integer, number, string, boolean or date.' }),
  format: opt(3, text),
  description: opt(4, text),
  priority: opt(5, int32, { description: 'Above 0 it shows with `-o wide` only.' }),
  jsonPath: f(6, textOrEmpty, { description: 'Where its value is.' }),
})
export type PrinterColumn = z.infer<typeof printerColumn>

const scaleSubresource = named('CustomResourceSubresourceScale', {
  specReplicasPath: f(1, textOrEmpty, { description: 'Where the wanted number of replicas is, under .spec.' }),
  statusReplicasPath: f(2, textOrEmpty, { description: 'Where the seen number is, under .status.' }),
  labelSelectorPath: opt(3, text, { description: 'Where a selector of what it scales is, as text.', ptr: true }),
})
const subresources = named('CustomResourceSubresources', {
  status: opt(1, named('CustomResourceSubresourceStatus', {}), { description: 'Its status is written apart from the rest.' }),
  scale: opt(2, scaleSubresource, { description: 'It can be scaled.' }),
})

const version = named('CustomResourceDefinitionVersion', {
  name: f(1, textOrEmpty, { description: 'v1, v2beta1, …' }),
  served: f(2, boolOrFalse, { description: 'Whether it can be asked for.' }),
  storage: f(3, boolOrFalse, { description: 'Whether objects are stored in it. One version is.' }),
  schema: opt(4, named('CustomResourceValidation', { openAPIV3Schema: opt(1, jsonSchemaProps) }), {
    description: 'What objects look like.',
  }),
  subresources: opt(5, subresources),
  additionalPrinterColumns: opt(6, z.array(printerColumn), { description: 'What `kubectl get` shows.', list: 'atomic' }),
  deprecated: opt(7, bool, { description: 'Whether everybody who asks for it is warned.' }),
  deprecationWarning: opt(8, text, { description: 'With what words.', ptr: true }),
  selectableFields: opt(9, z.array(named('SelectableField', { jsonPath: f(1, textOrEmpty) })), {
    description: 'Fields that a field selector may name.',
    list: 'atomic',
  }),
})
export type CustomResourceVersion = z.infer<typeof version>

const spec = named('CustomResourceDefinitionSpec', {
  group: f(1, textOrEmpty, { description: 'The API group, a domain. Never changes.' }),
  names: f(3, customResourceNames, { description: 'What the kind and its objects are called.' }),
  scope: f(4, textOrEmpty, { description: 'Cluster or Namespaced.' }),
  versions: f(7, z.array(version).default([]), { description: 'The versions it has.', list: 'atomic' }),
  conversion: opt(9, customResourceConversion, { description: 'How objects of one version become those of another.' }),
  preserveUnknownFields: opt(10, bool, { description: 'May only be false: what a schema does not name is taken away.' }),
})

const condition = named('CustomResourceDefinitionCondition', {
  type: f(1, textOrEmpty),
  status: f(2, conditionStatus),
  lastTransitionTime: opt(3, time, { byValue: true }),
  reason: opt(4, text),
  message: opt(5, text),
  observedGeneration: opt(6, int64),
})
export type CustomResourceCondition = z.infer<typeof condition>

const status = named('CustomResourceDefinitionStatus', {
  conditions: opt(1, z.array(condition), { list: 'map', keys: ['type'] }),
  acceptedNames: opt(2, customResourceNames, { description: 'The names that it is served under.', byValue: true }),
  storedVersions: opt(3, z.array(text), { description: 'Every version that an object may be stored in.', list: 'atomic' }),
  observedGeneration: opt(4, int64),
})

export const customResourceDefinition = named('CustomResourceDefinition', {
  apiVersion: z.literal('apiextensions.k8s.io/v1'),
  kind: z.literal('CustomResourceDefinition'),
  metadata: f(1, objectMeta),
  spec: f(2, spec),
  status: opt(3, status, { byValue: true }),
})
export type CustomResourceDefinition = z.infer<typeof customResourceDefinition>
