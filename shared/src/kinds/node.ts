import * as z from 'zod'
import { nodeKeyAnnotation } from '../identity/node-key.ts'
import { defineKind } from '../schema/kind.ts'
import { validateTaints } from './rules/scheduling.ts'
import { validateAddressesOnce, validateNodeStatus, validatePodCidrs } from './rules/node.ts'
import { ageColumn, nameColumn, orNone } from './rules/columns.ts'
import { findCondition } from '../meta/conditions.ts'
import { fieldForbidden } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { nodeSpec } from '../types/node-spec.ts'
import { nodeStatus } from '../types/node-status.ts'
import { f, message, opt } from '../types/field.ts'

export const node = message('Node', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Node'),
  metadata: f(1, objectMeta),
  spec: opt(2, nodeSpec, { byValue: true }),
  status: opt(3, nodeStatus, { byValue: true }),
})
export type Node = z.infer<typeof node>

/** As Kubernetes has it. */
const toldPaths = { 'spec.taints': 'metadata.taints' }

export const nodes = defineKind<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  resource: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  schema: node,
  toldPaths,
  description: 'A machine that runs pods. Its agent keeps the status; labels and taints say what may run there.',
  subresources: { status: true, named: ['proxy'] },
  columns: [
    nameColumn,
    { name: 'Status', type: 'string', description: 'Whether it is ready, and whether new pods are kept away.', cell: statusText },
    { name: 'Roles', type: 'string', description: 'The roles it is labelled with.', cell: rolesText },
    ageColumn,
    {
      name: 'Version',
      type: 'string',
      description: 'The version of its agent.',
      cell: ({ status }) => status?.nodeInfo?.kubeletVersion ?? '',
    },
    {
      name: 'Internal-IP',
      type: 'string',
      description: 'Its address in the network of the nodes.',
      priority: 1,
      cell: (object) => addressOf(object, 'InternalIP'),
    },
    {
      name: 'External-IP',
      type: 'string',
      description: 'Its address as others see it.',
      priority: 1,
      cell: (object) => addressOf(object, 'ExternalIP'),
    },
    {
      name: 'OS-Image',
      type: 'string',
      description: 'The operating system, as it calls itself.',
      priority: 1,
      cell: ({ status }) => status?.nodeInfo?.osImage || '<unknown>',
    },
    {
      name: 'Kernel-Version',
      type: 'string',
      description: 'The version of its kernel.',
      priority: 1,
      cell: ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>',
    },
    {
      name: 'Container-Runtime',
      type: 'string',
      description: 'The runtime of its containers and the version of that.',
      priority: 1,
      cell: ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
    },
  ],
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec?.unschedulable ?? false) },
  // Who replaces a Node from a file need not know of its key, and without one any certificate of its name would be good again.
  keepUnsaid({ metadata }, { metadata: previous }) {
    const key = previous.annotations?.[nodeKeyAnnotation]
    if (key !== undefined) metadata.annotations = { [nodeKeyAnnotation]: key, ...metadata.annotations }
  },
  setDefaults: ({ spec }) => {
    if (spec?.podCIDR !== undefined && spec.podCIDR !== '' && (spec.podCIDRs ?? []).length === 0) spec.podCIDRs = [spec.podCIDR]
    if (spec?.podCIDR === undefined && spec?.podCIDRs?.[0] !== undefined) spec.podCIDR = spec.podCIDRs[0]
  },
  validate: ({ spec, status }) => [
    ...validateTaints(spec?.taints, toldPaths['spec.taints']),
    ...validatePodCidrs(spec),
    ...validateNodeStatus(status),
  ],
  warnings: ({ spec }) =>
    (spec?.externalID ?? '') === '' ? [] : ['spec.externalID: this field is deprecated, and is unused by Kubernetes'],
  validateUpdate: ({ spec, status }, { spec: previous }) => [
    ...validateAddressesOnce(status ?? {}),
    ...((spec?.externalID ?? '') === (previous?.externalID ?? '')
      ? []
      : [
          fieldForbidden(
            '[]',
            'node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature gate is enabled)',
          ),
        ]),
    ...((previous?.podCIDRs ?? []).length > 0 && !isSameJson(spec?.podCIDRs, previous?.podCIDRs)
      ? [fieldForbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]
      : []),
    ...((previous?.providerID ?? '') !== '' && spec?.providerID !== previous?.providerID
      ? [fieldForbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')]
      : []),
  ],
})

function statusText({ spec, status }: Node): string {
  const ready = findCondition(status?.conditions, 'Ready')
  const first = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable === true ? `${first},SchedulingDisabled` : first
}

function rolesText({ metadata }: Node): string {
  const prefix = 'node-role.kubernetes.io/'
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(prefix) && key.length > prefix.length) return [key.slice(prefix.length)]
    return key === 'kubernetes.io/role' && value !== '' ? [value] : []
  })
  return orNone([...new Set(roles)].sort().join(','))
}

const addressOf = ({ status }: Node, wanted: string): string => orNone(status?.addresses?.find(({ type }) => type === wanted)?.address)
