import * as z from 'zod'
import { type FieldError, fieldInvalid } from '../api/api-error.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { ingressSpec, ingressStatus } from '../types/ingress-spec.ts'
import { ageColumn, nameColumn, orNone } from './rules/columns.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { validateIngressSpec, validateIngressStatus } from './rules/ingress.ts'

export const ingress = message('networking.k8s.io/v1.Ingress', {
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('Ingress'),
  metadata: f(1, objectMeta),
  spec: f(2, ingressSpec.prefault({})),
  status: opt(3, ingressStatus, { byValue: true }),
})
export type Ingress = z.infer<typeof ingress>

export const ingresses = defineKind<Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  resource: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  schema: ingress,
  description: 'Says which requests from outside of the cluster go to which Services. An ingress controller sees to it.',
  subresources: { status: true },
  columns: [
    nameColumn,
    { name: 'Class', type: 'string', description: 'Which controller sees to it.', cell: classText },
    { name: 'Hosts', type: 'string', description: 'The hosts that it has rules for.', cell: hostsText },
    {
      name: 'Address',
      type: 'string',
      description: 'Where it can be reached.',
      cell: ({ status }) => (status?.loadBalancer?.ingress ?? []).map(({ ip = '', hostname = '' }) => ip || hostname).join(','),
    },
    {
      name: 'Ports',
      type: 'string',
      description: 'The ports of its hosts.',
      cell: ({ spec }) => ((spec.tls ?? []).length > 0 ? '80, 443' : '80'),
    },
    ageColumn,
  ],
  prepareForCreate(object) {
    startGeneration(object)
    object.status = { loadBalancer: {} }
  },
  prepareForUpdate: countGeneration,
  validateCreate: ({ metadata, spec }) => validateClass(metadata.annotations, spec.ingressClassName),
  validate: ({ spec, status }) => [
    ...validateIngressSpec(spec, 'spec'),
    ...validateIngressStatus(status?.loadBalancer, 'status.loadBalancer'),
  ],
  warnings: ({ metadata }, previous) =>
    previous === undefined && metadata.annotations?.[classAnnotation] !== undefined
      ? [`annotation ${JSON.stringify(classAnnotation)} is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
})

const classAnnotation = 'kubernetes.io/ingress.class'

/** The class has an old place and a new one, and one of them at most is asked. */
function validateClass(annotations: Readonly<Record<string, string>> | undefined, name: string | undefined): FieldError[] {
  const old = annotations?.[classAnnotation]
  return old === undefined || name === undefined
    ? []
    : [fieldInvalid(`annotations.${classAnnotation}`, old, 'can not be set when the class field is also set')]
}

function classText({ metadata, spec }: Ingress): string {
  return orNone(spec.ingressClassName ?? metadata.annotations?.[classAnnotation])
}

/** The first three, and how many more there are. */
function hostsText({ spec }: Ingress): string {
  const hosts = (spec.rules ?? []).map(({ host = '' }) => host).filter((host) => host !== '')
  if (hosts.length === 0) return '*'
  const shown = hosts.slice(0, 3).join(',')
  return hosts.length > 3 ? `${shown} + ${hosts.length - 3} more...` : shown
}
