import * as z from 'zod'
import { type FieldError, fieldForbidden, fieldNotSupported, fieldRequired } from '../api/api-error.ts'
import { checkDnsLabel } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { text } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { validateDomainPath } from './rules/domain-path.ts'
import { checked, fieldTooLong, immutable } from './rules/field-errors.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { validateReference } from './rules/ingress.ts'

export const ingressClassParametersReference = message('networking.k8s.io/v1.IngressClassParametersReference', {
  apiGroup: opt(1, text, { ptr: true }),
  kind: f(2, text),
  name: f(3, text),
  scope: f(4, text.default('Cluster'), { description: 'Cluster or Namespace.', ptr: true }),
  namespace: opt(5, text, { ptr: true }),
})
export type IngressClassParametersReference = z.infer<typeof ingressClassParametersReference>

export const ingressClassSpec = message('networking.k8s.io/v1.IngressClassSpec', {
  controller: opt(1, text, { description: 'The controller that sees to Ingresses of this class; never changes.' }),
  parameters: opt(2, ingressClassParametersReference, { description: 'More that the controller should know.' }),
})

export const ingressClass = message('networking.k8s.io/v1.IngressClass', {
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('IngressClass'),
  metadata: f(1, objectMeta),
  spec: opt(2, ingressClassSpec, { byValue: true }),
})
export type IngressClass = z.infer<typeof ingressClass>

export const ingressClasses = defineKind<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  resource: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  schema: ingressClass,
  description: 'A controller to which Ingresses can be given.',
  columns: [
    nameColumn,
    { name: 'Controller', type: 'string', description: 'The controller.', cell: ({ spec }) => spec?.controller ?? '' },
    { name: 'Parameters', type: 'string', description: 'More that it should know.', cell: parametersText },
    ageColumn,
  ],
  prepareForCreate: startGeneration,
  prepareForUpdate: countGeneration,
  validate: ({ spec: { controller = '', parameters } = {} }) => [
    ...(controller.length > 250 ? [fieldTooLong('spec.controller', 250)] : []),
    ...validateDomainPath('spec.controller', controller),
    ...(parameters === undefined ? [] : validateParameters(parameters, 'spec.parameters')),
  ],
  validateUpdate: ({ spec: next }, { spec: previous }) =>
    next?.controller === previous?.controller ? [] : [immutable('spec.controller', next?.controller ?? '')],
})

function parametersText({ spec }: IngressClass): string {
  const { parameters } = spec ?? {}
  if (parameters === undefined) return '<none>'
  const { apiGroup, kind, name } = parameters
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`
}

function validateParameters(parameters: IngressClassParametersReference, field: string): FieldError[] {
  const { scope, namespace } = parameters
  const isNamespaced = scope === 'Namespace'
  return [
    ...validateReference(parameters, field),
    ...(scope === 'Cluster' || isNamespaced ? [] : [fieldNotSupported(`${field}.scope`, scope, ['Cluster', 'Namespace'])]),
    ...(isNamespaced && namespace === undefined ? [fieldRequired(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'")] : []),
    ...(scope === 'Cluster' && namespace !== undefined
      ? [fieldForbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'")]
      : []),
    ...(isNamespaced && namespace !== undefined ? checked(`${field}.namespace`, namespace, checkDnsLabel) : []),
  ]
}
