import * as z from 'zod'
import { defineKind } from '../schema/kind.ts'
import { startGeneration } from './rules/generation.ts'
import { checked, fieldTooMany, immutable, validateLabels } from './rules/field-errors.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { checkNonSpecialIp, isIpv4, isIpv6 } from '../meta/ip.ts'
import { type NameCheck, checkDnsLabel, checkDnsSubdomain, checkIp, checkPortNumber, checkQualifiedName } from '../meta/names.ts'
import { fieldDuplicate, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { objectReference } from '../types/references.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { bool, int32, stringMap, text } from '../types/scalars.ts'

export const endpointConditions = message('discovery.k8s.io/v1.EndpointConditions', {
  ready: opt(1, bool, { ptr: true }),
  serving: opt(2, bool, { ptr: true }),
  terminating: opt(3, bool, { ptr: true }),
})
export type EndpointConditions = z.infer<typeof endpointConditions>

export const forZone = message('discovery.k8s.io/v1.ForZone', {
  name: f(1, text),
})
export type ForZone = z.infer<typeof forZone>

export const forNode = message('discovery.k8s.io/v1.ForNode', {
  name: f(1, text),
})
export type ForNode = z.infer<typeof forNode>

export const endpointHints = message('discovery.k8s.io/v1.EndpointHints', {
  forZones: opt(1, z.array(forZone), { list: 'atomic' }),
  forNodes: opt(2, z.array(forNode), { list: 'atomic' }),
})
export type EndpointHints = z.infer<typeof endpointHints>

export const endpoint = message('discovery.k8s.io/v1.Endpoint', {
  addresses: f(1, z.array(text), { description: 'Its addresses; all lead to the same place.', list: 'set' }),
  conditions: opt(2, endpointConditions, { description: 'Whether it can take traffic.', byValue: true }),
  hostname: opt(3, text, { ptr: true }),
  targetRef: opt(4, objectReference, { description: 'The pod behind it.' }),
  deprecatedTopology: opt(5, stringMap),
  nodeName: opt(6, text, { description: 'The node of that pod.', ptr: true }),
  zone: opt(7, text, { description: 'The zone of that node.', ptr: true }),
  hints: opt(8, endpointHints),
})
export type Endpoint = z.infer<typeof endpoint>

export const endpointPort = message('discovery.k8s.io/v1.EndpointPort', {
  name: opt(1, text, { ptr: true }),
  protocol: opt(2, oneOf('SCTP', 'TCP', 'UDP'), { ptr: true }),
  port: opt(3, int32, { ptr: true }),
  appProtocol: opt(4, text, { ptr: true }),
})
export type EndpointPort = z.infer<typeof endpointPort>

export const endpointSlice = message('discovery.k8s.io/v1.EndpointSlice', {
  apiVersion: z.literal('discovery.k8s.io/v1'),
  kind: z.literal('EndpointSlice'),
  metadata: f(1, objectMeta),
  addressType: f(4, oneOf('FQDN', 'IPv4', 'IPv6')),
  endpoints: opt(2, z.array(endpoint), { list: 'atomic' }),
  ports: opt(3, z.array(endpointPort), { list: 'atomic' }),
})
export type EndpointSlice = z.infer<typeof endpointSlice>

export const endpointSlices = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  schema: endpointSlice,
  description: 'Some of the addresses behind a Service, with their ports and whether each is ready.',
  columns: [
    nameColumn,
    { name: 'AddressType', type: 'string', description: 'The family of its addresses.', cell: ({ addressType }) => addressType },
    {
      name: 'Ports',
      type: 'string',
      description: 'The ports of every address.',
      cell: ({ ports }) =>
        fewOf(
          (ports ?? []).map(({ port }) => String(port ?? '*')),
          '<unset>',
        ),
    },
    {
      name: 'Endpoints',
      type: 'string',
      description: 'Its addresses.',
      cell: ({ endpoints }) =>
        fewOf(
          (endpoints ?? []).flatMap(({ addresses }) => addresses),
          '<unset>',
        ),
    },
    ageColumn,
  ],
  setDefaults({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  prepareForCreate: startGeneration,
  prepareForUpdate(next, previous) {
    const isSame = isSameJson([next.endpoints, next.ports, next.addressType], [previous.endpoints, previous.ports, previous.addressType])
    const seen = previous.metadata.generation ?? 1
    next.metadata.generation = isSame ? seen : seen + 1
  },
  validate: ({ addressType, endpoints = [], ports = [] }) => {
    const names = ports.slice(0, maxPorts).map(({ name }) => name ?? '')
    const check = checkAddressOf.get(addressType) ?? (() => []) // one read in doubt may be of no type
    return [
      ...(endpoints.length > maxEndpoints ? [fieldTooMany('endpoints', endpoints.length, maxEndpoints)] : []),
      ...(ports.length > maxPorts ? [fieldTooMany('ports', ports.length, maxPorts)] : []),
      ...((addressType as string) === '' ? [fieldRequired('addressType')] : []), // as above
      ...endpoints.flatMap(({ addresses, hostname, nodeName, deprecatedTopology }, i) => [
        ...(hostname === undefined ? [] : checked(`endpoints[${i}].hostname`, hostname, checkDnsLabel)),
        ...(nodeName === undefined ? [] : checked(`endpoints[${i}].nodeName`, nodeName, checkDnsSubdomain)),
        ...validateLabels(`endpoints[${i}].deprecatedTopology`, deprecatedTopology),
        ...(addresses.length === 0 ? [fieldRequired(`endpoints[${i}].addresses`, 'must contain at least 1 address')] : []),
        ...(addresses.length > maxAddresses ? [fieldTooMany(`endpoints[${i}].addresses`, addresses.length, maxAddresses)] : []),
        ...addresses.flatMap((address, a) => checked(`endpoints[${i}].addresses[${a}]`, address, check)),
      ]),
      ...names.flatMap((name, i) => (names.indexOf(name) < i ? [fieldDuplicate(`ports[${i}].name`, name)] : [])),
      ...names.flatMap((name, i) => (name === '' ? [] : checked(`ports[${i}].name`, name, checkDnsLabel))),
      ...ports.flatMap(({ appProtocol }, i) =>
        appProtocol === undefined ? [] : checked(`ports[${i}].appProtocol`, appProtocol, checkQualifiedName),
      ),
      ...ports.flatMap(({ port }, i) =>
        port === undefined ? [] : checkPortNumber(port).map((why) => fieldInvalid(`ports[${i}].port`, port, why)),
      ),
    ]
  },
  warnings: ({ addressType }) => (addressType === 'FQDN' ? ['addressType: FQDN endpoints are deprecated'] : []),
  validateUpdate: (next, previous) => (next.addressType === previous.addressType ? [] : [immutable('addressType', next.addressType)]),
})

const ofFamily =
  (family: string, isOf: (text: string) => boolean): NameCheck =>
  (text) =>
    checkIp(text).length > 0 ? checkIp(text) : [...(isOf(text) ? [] : [`must be an ${family} address`]), ...checkNonSpecialIp(text)]

const checkAddressOf = new Map<string, NameCheck>([
  ['FQDN', checkDnsSubdomain],
  ['IPv4', ofFamily('IPv4', isIpv4)],
  ['IPv6', ofFamily('IPv6', isIpv6)],
])

const maxEndpoints = 1000
const maxPorts = 20_000
const maxAddresses = 100

function fewOf(items: readonly string[], none: string): string {
  if (items.length === 0) return none
  const shown = items.slice(0, 3).join(',')
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown
}
