import * as z from 'zod'
import { defineKind } from '../schema/kind.ts'
import { checked } from './rules/field-errors.ts'
import { ageColumn, nameColumn, orNone } from './rules/columns.ts'
import { checkNonSpecialIp } from '../meta/ip.ts'
import { checkDnsLabel, checkDnsSubdomain, checkPortNumber, checkQualifiedName } from '../meta/names.ts'
import { type FieldError, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { objectReference } from '../types/references.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { int32, text } from '../types/scalars.ts'

export const endpointAddress = message(
  'EndpointAddress',
  {
    ip: f(1, text),
    hostname: opt(3, text),
    nodeName: opt(4, text, { ptr: true }),
    targetRef: opt(2, objectReference),
  },
  { map: 'atomic' },
)
export type EndpointAddress = z.infer<typeof endpointAddress>

export const endpointPort = message(
  'EndpointPort',
  {
    name: opt(1, text),
    port: f(2, int32),
    protocol: opt(3, oneOf('SCTP', 'TCP', 'UDP')),
    appProtocol: opt(4, text, { ptr: true }),
  },
  { map: 'atomic' },
)
export type EndpointPort = z.infer<typeof endpointPort>

export const endpointSubset = message('EndpointSubset', {
  addresses: opt(1, z.array(endpointAddress), { list: 'atomic' }),
  notReadyAddresses: opt(2, z.array(endpointAddress), { list: 'atomic' }),
  ports: opt(3, z.array(endpointPort), { list: 'atomic' }),
})
export type EndpointSubset = z.infer<typeof endpointSubset>

export const endpointsObject = message('Endpoints', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Endpoints'),
  metadata: f(1, objectMeta),
  subsets: opt(2, z.array(endpointSubset), { list: 'atomic' }),
})
export type Endpoints = z.infer<typeof endpointsObject>

export const endpoints = defineKind<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  resource: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  schema: endpointsObject,
  createsOnUpdate: true,
  description: 'The addresses behind a Service, in the older form that EndpointSlice replaces.',
  deprecated: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  columns: [
    nameColumn,
    { name: 'Endpoints', type: 'string', description: 'The ready addresses.', cell: ({ subsets }) => readyText(subsets ?? []) },
    ageColumn,
  ],
  setDefaults({ subsets }) {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ??= 'TCP'
  },
  validate: ({ subsets }) =>
    (subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, i) => [
      ...(addresses.length + notReadyAddresses.length === 0
        ? [fieldRequired(`subsets[${i}]`, 'must specify `addresses` or `notReadyAddresses`')]
        : []),
      ...addresses.flatMap((address, a) => validateAddress(address, `subsets[${i}].addresses[${a}]`)),
      ...notReadyAddresses.flatMap((address, a) => validateAddress(address, `subsets[${i}].notReadyAddresses[${a}]`)),
      ...ports.flatMap((port, p) => validatePort(port, `subsets[${i}].ports[${p}]`, ports.length > 1)),
    ]),
})

const validateAddress = ({ ip, hostname = '', nodeName }: EndpointAddress, field: string): FieldError[] => [
  ...checked(`${field}.ip`, ip, checkNonSpecialIp),
  ...(hostname === '' ? [] : checked(`${field}.hostname`, hostname, checkDnsLabel)),
  ...(nodeName === undefined ? [] : checked(`${field}.nodeName`, nodeName, checkDnsSubdomain)),
]

const validatePort = ({ name = '', port, appProtocol }: EndpointPort, field: string, needsName: boolean): FieldError[] => [
  ...(name === '' ? (needsName ? [fieldRequired(`${field}.name`)] : []) : checked(`${field}.name`, name, checkDnsLabel)),
  ...checkPortNumber(port).map((why) => fieldInvalid(`${field}.port`, port, why)),
  ...(appProtocol === undefined ? [] : checked(`${field}.appProtocol`, appProtocol, checkQualifiedName)),
]

/** The first three, and how many more there are. */
function readyText(subsets: readonly EndpointSubset[]): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0 ? addresses.map(({ ip }) => ip) : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
  )
  const shown = all.slice(0, 3).join(',')
  return orNone(all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown)
}
