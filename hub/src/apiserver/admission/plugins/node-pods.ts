import { notFound } from '@bramble/shared/api/api-error.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { mirrorAnnotation } from '@bramble/shared/kinds/rules/pod-annotations.ts'
import { nodeNameOf } from '../../authz/node-user.ts'
import { referencesOf } from '../../authz/pod-references.ts'
import type { Entry } from '../../../store/store.ts'
import type { Registry } from '../../objects/registry.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'

/** What a node does to pods: it tells the state of those bound to it, ends them, and makes mirrors of its own (NodeRestriction). */
export const nodePods = defineAdmission('node-pods', ({ registry }) => ({
  kinds: [pods],
  guard(admission) {
    const node = nodeNameOf(admission.origin.user)
    if (node === undefined) return
    const { operation, origin } = admission
    if (operation === 'CREATE') madePod(admission, node, registry)
    else if (operation === 'DELETE') endedPod(admission, node, registry)
    else if (origin.subresource === 'status') toldPod(admission, node, registry)
    else throw refused(admission, `unexpected operation "UPDATE", node ${JSON.stringify(node)} can only create and delete mirror pods`)
  },
}))

function madePod(admission: Admission, node: string, registry: Registry): void {
  const who = `node ${JSON.stringify(node)}`
  const pod = admission.object as Pod // CREATE has it, and it is of that kind
  const { annotations, ownerReferences = [] } = pod.metadata
  if (annotations?.[mirrorAnnotation] === undefined)
    throw refused(admission, `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, ${who} can only create mirror pods`)
  if (pod.spec.nodeName !== node) throw refused(admission, `${who} can only create pods with spec.nodeName set to itself`)
  const [owner, ...more] = ownerReferences
  if (more.length > 0) throw refused(admission, `${who} can only create pods with a single owner reference set to itself`)
  if (owner === undefined || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    throw refused(admission, `${who} can only create pods with an owner reference set to itself`)
  if (owner.controller !== true) throw refused(admission, `${who} can only create pods with a controller owner reference set to itself`)
  if (owner.blockOwnerDeletion === true) throw refused(admission, `${who} must not set blockOwnerDeletion on an owner reference`)
  const own = registry.find(nodes, undefined, node)
  if (own === undefined) throw notFound(nodes, node)
  const { uid } = registry.objectOf(nodes, own).metadata
  if (owner.uid !== uid) throw refused(admission, `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`)
  checkReferences(admission, pod, who)
  if (exactJson(pod).length + bytesOfOthers(registry, node, undefined) > maxPodsBytes)
    throw refused(admission, `${who} is not allowed to create pods while its pods take ${maxPodsBytes / 1024 / 1024} MiB`)
}

/** It would give itself the right to read them. */
function checkReferences(admission: Admission, { metadata: { name }, spec }: Pod, who: string): void {
  const named = [...referencesOf({ metadata: { name }, spec })].map((reference) => reference.slice(0, reference.indexOf('/')))
  const hasToken = (spec.volumes ?? []).some(({ projected }) =>
    projected?.sources?.some((source) => source.serviceAccountToken !== undefined),
  )
  const told = [
    ['serviceaccounts', 'a service account'],
    ['secrets', 'secrets'],
    ['configmaps', 'configmaps'],
    ['persistentvolumeclaims', 'persistentvolumeclaims'],
  ] as const
  for (const [resource, what] of told)
    if (named.includes(resource) || (hasToken && resource === 'serviceaccounts'))
      throw refused(admission, `${who} can not create pods that reference ${what}`)
}

function endedPod(admission: Admission, node: string, registry: Registry): void {
  const { namespace, name, origin } = admission
  // One that is gone is not there for anybody.
  if (registry.find(pods, namespace, name)?.fields?.['spec.nodeName'] === node) return
  throw refused(
    admission,
    origin.subresource === 'eviction'
      ? `node ${node} can only evict pods with spec.nodeName set to itself`
      : `node ${JSON.stringify(node)} can only delete pods with spec.nodeName set to itself`,
  )
}

function toldPod(admission: Admission, node: string, registry: Registry): void {
  const who = `node ${JSON.stringify(node)}`
  const previous = admission.previous as Pod // an UPDATE has both
  const { status, metadata } = admission.object as Pod
  if (previous.spec.nodeName !== node)
    throw refused(admission, `${who} can only update pod status for pods with spec.nodeName set to itself`)
  // Selectors, budgets and whoever waits for a finalizer go by them.
  for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const)
    if (!isSameJson(given(metadata[field]), given(previous.metadata[field])))
      throw refused(admission, `${who} cannot update ${field} through pod status`)
  const bytes = status === undefined ? 0 : exactJson(status).length
  if (bytes > maxPodStatusBytes)
    throw refused(admission, `${who} is not allowed to make the status of a pod larger than ${maxPodStatusBytes / 1024} KiB`)
  if (bytes <= ordinaryStatusBytes) return
  const entry = registry.find(pods, admission.namespace, admission.name)
  if (bytes + bytesOfOthers(registry, node, entry) > maxPodsBytes)
    throw refused(
      admission,
      `${who} is not allowed to make a status larger than ${ordinaryStatusBytes / 1024} KiB while its pods take ${maxPodsBytes / 1024 / 1024} MiB`,
    )
}

/** Sixty containers whose last words have all of their 4 KiB, now and the time before. Everybody who watches pods gets each status. */
const maxPodStatusBytes = 512 * 1024

/** So large a status is always taken: forty containers that have not much to say. */
const ordinaryStatusBytes = 32 * 1024
/** Beyond it a node would fill the store's quota with its pods and what they have to say, and nobody could make anything any more. */
const maxPodsBytes = 8 * 1024 * 1024

function bytesOfOthers(registry: Registry, node: string, own: Entry | undefined): number {
  const { entries } = registry.store.list(registry.prefixOf(pods), { where: { field: 'spec.nodeName', value: node } })
  return entries.reduce((sum, { key, value }) => sum + (key === own?.key ? 0 : value.length), 0)
}

/** What is empty is as good as absent. */
const given = (value: object | undefined): object | undefined =>
  value === undefined || Object.keys(value).length === 0 ? undefined : value
