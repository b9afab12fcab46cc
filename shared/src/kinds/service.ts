import * as z from 'zod'
import { defineKind } from '../schema/kind.ts'
import {
  keepAllocated,
  setIpModes,
  serviceWarnings,
  setServiceDefaults,
  validateLoadBalancerStatus,
  validateServiceSpec,
  validateServiceUpdate,
  validateSourceRanges,
} from './rules/service.ts'
import { ageColumn, nameColumn, orNone } from './rules/columns.ts'
import { formatSelector, selectorOf } from '../meta/label-selector.ts'
import { condition } from '../meta/condition.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { loadBalancerStatus } from '../types/load-balancer.ts'
import { type ServicePort, type ServiceSpec, serviceSpec } from '../types/service-spec.ts'
import { f, message, opt } from '../types/field.ts'

export const serviceStatus = message('ServiceStatus', {
  loadBalancer: opt(1, loadBalancerStatus, { byValue: true }),
  conditions: opt(2, z.array(condition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})
export type ServiceStatus = z.infer<typeof serviceStatus>

export const service = message('Service', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata: f(1, objectMeta),
  spec: f(2, serviceSpec),
  status: opt(3, serviceStatus, { byValue: true }),
})
export type Service = z.infer<typeof service>

export const services = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  resource: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  schema: service,
  createsOnUpdate: true,
  description: 'One stable address for the pods that a selector finds; connections go to those of them that are ready.',
  subresources: { status: true, named: ['proxy'] },
  nameRule: 'dns-label-1035',
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', description: 'From where it can be reached.', cell: ({ spec }) => spec.type },
    {
      name: 'Cluster-IP',
      type: 'string',
      description: 'Its address in the cluster; None when clients are given the pods themselves.',
      cell: ({ spec }) => orNone(spec.clusterIPs?.[0] ?? spec.clusterIP),
    },
    { name: 'External-IP', type: 'string', description: 'Its addresses outside of the cluster.', cell: externalText },
    {
      name: 'Port(s)',
      type: 'string',
      description: 'Its ports, each with its node port where it has one.',
      cell: ({ spec }) => orNone((spec.ports ?? []).map(portText).join(',')),
    },
    ageColumn,
    {
      name: 'Selector',
      type: 'string',
      description: 'The labels of its pods.',
      priority: 1,
      cell: ({ spec }) => orNone(formatSelector(selectorOf({ matchLabels: spec.selector }))),
    },
  ],
  selectableFields: { 'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '', 'spec.type': ({ spec }) => spec.type },
  claims: ({ spec }) => [...(spec.clusterIPs ?? []).filter((ip) => ip !== 'None').map(addressClaim), ...nodePortsOf(spec).map(portClaim)],
  setDefaults({ spec, status }) {
    setServiceDefaults(spec)
    if (spec.type === 'LoadBalancer') setIpModes(status?.loadBalancer)
  },
  prepareForCreate(object) {
    object.status = { loadBalancer: {} }
  },
  prepareForUpdate(next, previous) {
    keepAllocated(next.spec, previous.spec)
    // What a load balancer said is void without one.
    if (next.spec.type !== 'LoadBalancer' && previous.spec.type === 'LoadBalancer') next.status = { ...next.status, loadBalancer: {} }
  },
  validate: ({ metadata, spec, status }) => [
    ...validateServiceSpec(spec),
    ...validateSourceRanges(spec, metadata.annotations),
    ...validateLoadBalancerStatus(spec, status?.loadBalancer),
  ],
  validateUpdate: (next, previous) => validateServiceUpdate(next.spec, previous.spec),
  warnings: ({ spec }) => serviceWarnings(spec),
})

export const addressClaim = (clusterIP: string): string => `clusterIP/${clusterIP}`
/** As in Kubernetes a number is one Service's, whatever protocol it is for. */
export const portClaim = (nodePort: number): string => `nodePort/${nodePort}`

const nodePortsOf = ({ ports = [], healthCheckNodePort = 0 }: ServiceSpec): readonly number[] => [
  ...new Set([...ports.map(({ nodePort = 0 }) => nodePort), healthCheckNodePort].filter((number) => number !== 0)),
]

const portText = ({ port, nodePort = 0, protocol }: ServicePort) =>
  nodePort === 0 ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`

function externalText({ spec, status }: Service): string {
  const { type, externalIPs = [], externalName } = spec
  if (type === 'ExternalName') return orNone(externalName)
  if (type !== 'LoadBalancer') return orNone(externalIPs.join(','))
  const balanced = (status?.loadBalancer?.ingress ?? []).map(({ ip = '', hostname = '' }) => ip || hostname)
  return [...balanced, ...externalIPs].join(',') || '<pending>'
}
