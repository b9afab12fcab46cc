import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { ownValue } from '@bramble/shared/json/own.ts'
import { csiNodes } from '@bramble/shared/kinds/csi-node.ts'
import { leases } from '@bramble/shared/kinds/lease.ts'
import { type Node, nodes } from '@bramble/shared/kinds/node.ts'
import { nodeNameOf } from '../../authz/node-user.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'

/** What a node may write into itself, its lease and its CSINode; of its pods, claims and requests for certificates the plugins beside this one know. */
export const nodeRestriction = defineAdmission('node-restriction', () => ({
  kinds: [nodes, leases, csiNodes],
  guard(admission) {
    const node = nodeNameOf(admission.origin.user)
    if (node === undefined) return
    if (admission.kind === nodes) ownNode(admission, node)
    else if (admission.kind === leases) ownLease(admission, node)
    else if (admission.name !== node) throw refused(admission, 'can only access CSINode with the same name as the requesting node')
  },
}))

function ownNode(admission: Admission, node: string): void {
  const { operation, name, object, previous } = admission
  const { subresource } = admission.origin
  if (name !== node) throw refused(admission, `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(name)}`)
  if (operation === 'DELETE') throw refused(admission, `node ${JSON.stringify(node)} is not allowed to delete itself`)
  const next = object as Node // CREATE and UPDATE have it, and it is of that kind
  const before = previous as Node | undefined
  if (operation === 'UPDATE' && subresource === undefined && !same(next.spec?.taints ?? [], before?.spec?.taints ?? []))
    throw refused(admission, `node ${JSON.stringify(node)} is not allowed to modify taints`)
  // Routes of all nodes follow it, and the addresses that endpoints may have.
  if (subresource === undefined && !same(podCidrsOf(next), podCidrsOf(before)))
    throw refused(
      admission,
      `node ${JSON.stringify(node)} is not allowed to set spec.podCIDR or spec.podCIDRs: the hub gives each node its pod addresses`,
    )
  if (exactJson(next).length > maxOwnNodeBytes)
    throw refused(admission, `node ${JSON.stringify(node)} is not allowed to make its own Node larger than ${maxOwnNodeBytes / 1024} KiB`)
  const changed = changedKeys(before?.metadata.labels ?? {}, next.metadata.labels ?? {})
    .filter((key) => !mayLabel(key))
    .toSorted()
  if (changed.length > 0)
    throw refused(
      admission,
      operation === 'CREATE'
        ? `node ${JSON.stringify(node)} is not allowed to set the following labels: ${changed.join(', ')}`
        : `is not allowed to modify labels: ${changed.join(', ')}`,
    )
  if (!same(next.metadata.ownerReferences ?? [], before?.metadata.ownerReferences ?? []))
    throw refused(admission, `node ${JSON.stringify(node)} is not allowed to modify ownerReferences`)
}

/** Twice what annotations and status of their greatest allowed size come to; labels and taints have no bound of their own. */
const maxOwnNodeBytes = 1024 * 1024

const podCidrsOf = (node: Node | undefined): readonly string[] => {
  const { podCIDR = '', podCIDRs = [] } = node?.spec ?? {}
  return [podCIDR, ...podCIDRs].filter((text) => text !== '')
}

/** Labels of Kubernetes' own name space that a kubelet sets about itself. All other domains are free; ours too. */
const kubeletLabels = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
])

function mayLabel(key: string): boolean {
  if (kubeletLabels.has(key)) return true
  const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : ''
  const isIn = (parent: string) => domain === parent || domain.endsWith(`.${parent}`)
  if (isIn('node-restriction.kubernetes.io')) return false
  if (isIn('kubelet.kubernetes.io') || isIn('node.kubernetes.io')) return true
  return !isIn('kubernetes.io') && !isIn('k8s.io')
}

function ownLease(admission: Admission, node: string): void {
  if (admission.namespace !== 'kube-node-lease')
    throw refused(admission, 'can only access leases in the "kube-node-lease" system namespace')
  if (admission.name !== node) throw refused(admission, 'can only access node lease with the same name as the requesting node')
}

const same = (a: unknown, b: unknown): boolean => exactJson(a) === exactJson(b)

const changedKeys = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): readonly string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => ownValue(a, key) !== ownValue(b, key))
