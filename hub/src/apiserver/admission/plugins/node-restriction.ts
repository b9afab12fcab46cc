import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { ownValue } from '@bramble/shared/json/own.ts'
import { leases } from '@bramble/shared/kinds/lease.ts'
import { type Node, nodes } from '@bramble/shared/kinds/node.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { nodeNameOf } from '../../authz/node-user.ts'
import type { Entry } from '../../../store/store.ts'
import type { Registry } from '../../objects/registry.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'

/** What a node may write into the objects that the node authorizer lets it touch: itself, its lease, the state of its pods. */
export const nodeRestriction = defineAdmission('node-restriction', ({ registry }) => ({
  guard(admission) {
    const node = nodeNameOf(admission.origin.user)
    if (node === undefined) return
    if (admission.kind === nodes) ownNode(admission, node)
    else if (admission.kind === leases) ownLease(admission, node)
    else if (admission.kind === pods) ownPod(admission, node, registry)
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
  const changed = changedKeys(before?.metadata.labels ?? {}, next.metadata.labels ?? {}).filter((key) => !mayLabel(key))
  if (changed.length > 0) throw refused(admission, `is not allowed to modify labels: ${changed.join(', ')}`)
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
  if (admission.namespace !== 'kube-node-lease' || admission.name !== node)
    throw refused(admission, `can only access node lease with the same name as the requesting node ${JSON.stringify(node)}`)
}

function ownPod(admission: Admission, node: string, registry: Registry): void {
  const { operation, namespace, name } = admission
  const { subresource } = admission.origin
  const entry = registry.find(pods, namespace, name)
  const pod: Pod | undefined = entry === undefined ? undefined : registry.objectOf(pods, entry)
  if (operation === 'CREATE') throw refused(admission, `node ${JSON.stringify(node)} is not allowed to create pods`)
  if (pod?.spec.nodeName !== node)
    throw refused(
      admission,
      `node ${JSON.stringify(node)} can only ${operation === 'DELETE' ? 'delete' : 'update'} pods with spec.nodeName set to itself`,
    )
  if (operation === 'UPDATE' && subresource !== 'status')
    throw refused(admission, `node ${JSON.stringify(node)} can only update the status of pods`)
  const { status, metadata } = (admission.object ?? {}) as Partial<Pod> // of that kind, except for a DELETE
  // Selectors, budgets and whoever waits for a finalizer go by them.
  for (const field of ['labels', 'annotations', 'finalizers'] as const)
    if (metadata !== undefined && !isSameJson(given(metadata[field]), given(pod.metadata[field])))
      throw refused(admission, `node ${JSON.stringify(node)} cannot update ${field} through pod status`)
  const bytes = status === undefined ? 0 : exactJson(status).length
  if (bytes > maxPodStatusBytes)
    throw refused(
      admission,
      `node ${JSON.stringify(node)} is not allowed to make the status of a pod larger than ${maxPodStatusBytes / 1024} KiB`,
    )
  if (bytes > ordinaryStatusBytes && bytes + bytesOfOthers(registry, node, entry) > maxPodsBytes)
    throw refused(
      admission,
      `node ${JSON.stringify(node)} is not allowed to make a status larger than ${ordinaryStatusBytes / 1024} KiB while its pods take ${maxPodsBytes / 1024 / 1024} MiB`,
    )
}

/** Sixty containers whose last words have all of their 4 KiB, now and the time before. Everybody who watches pods gets each status. */
const maxPodStatusBytes = 512 * 1024

/** So large a status is always taken: forty containers that have not much to say. */
const ordinaryStatusBytes = 32 * 1024
/** Beyond it a node would fill the store's quota with what its pods have to say, and nobody could make anything any more. */
const maxPodsBytes = 8 * 1024 * 1024

function bytesOfOthers(registry: Registry, node: string, own: Entry | undefined): number {
  const { entries } = registry.store.list(registry.prefixOf(pods), { where: { field: 'spec.nodeName', value: node } })
  return entries.reduce((sum, { key, value }) => sum + (key === own?.key ? 0 : value.length), 0)
}

/** What is empty is as good as absent. */
const given = (value: object | undefined): object | undefined =>
  value === undefined || Object.keys(value).length === 0 ? undefined : value

const same = (a: unknown, b: unknown): boolean => exactJson(a) === exactJson(b)

const changedKeys = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): readonly string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => ownValue(a, key) !== ownValue(b, key))
