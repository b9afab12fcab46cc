import type { KubeObject } from '@bramble/shared/api/client.ts'
import { persistentVolumeClaims } from '@bramble/shared/kinds/persistent-volume-claim.ts'
import { type PersistentVolume, persistentVolumes } from '@bramble/shared/kinds/persistent-volume.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { volumeAttachments } from '@bramble/shared/kinds/volume-attachment.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../store/store.ts'
import type { Registry } from '../objects/registry.ts'
import { referencesOf } from './pod-references.ts'
import { secretsOfVolume } from './volume-secrets.ts'

/** What a node is related to through the pods that are bound to it: what the node authorizer asks on every request of a node. */
export type NodeGraph = {
  hasPod(node: string, namespace: string, name: string): boolean
  /** Whether there is no pod of this name, on whatever node. */
  isGone(namespace: string, name: string): boolean
  /** Whether some pod of the node names this object, runs under this account, or mounts this claim; also a Secret by which its volume is mounted. */
  references(node: string, resource: PodReference, namespace: string, name: string): boolean
  /** Whether a pod of the node mounts the claim to which the volume is bound. */
  hasVolume(node: string, name: string): boolean
  /** Whether it is a volume's attachment to this node. */
  hasAttachment(node: string, name: string): boolean
}
export type PodReference = 'configmaps' | 'secrets' | 'serviceaccounts' | 'persistentvolumeclaims'

export function createNodeGraph({ registry }: { readonly registry: Registry }): NodeGraph {
  // By the parsed object, which is shared as long as the registry keeps it.
  const known = new WeakMap<KubeObject, ReadonlySet<string>>()
  /** What is stored and not understood gives nobody a right. */
  const understood = <T extends KubeObject>(kind: Kind<T>, entry: Entry | undefined): T | undefined => {
    try {
      return entry === undefined ? undefined : registry.objectOf(kind, entry)
    } catch {
      return undefined
    }
  }
  const referencesIn = (entry: Entry): ReadonlySet<string> => {
    const pod = understood<Pod>(pods, entry)
    if (pod === undefined) return new Set()
    let references = known.get(pod)
    if (references === undefined) known.set(pod, (references = referencesOf(pod)))
    return references
  }
  const podsOf = (node: string, namespace?: string) =>
    registry.store.list(registry.prefixOf(pods, namespace), { where: { field: 'spec.nodeName', value: node } }).entries
  const names = (node: string, what: string, namespace: string) => podsOf(node, namespace).some((entry) => referencesIn(entry).has(what))

  /** The volumes that pods of the node mount, each bound to its claim and its claim to it. */
  function* volumesOf(node: string): Generator<PersistentVolume> {
    for (const entry of podsOf(node))
      for (const reference of referencesIn(entry)) {
        if (!reference.startsWith('persistentvolumeclaims/')) continue
        const namespace = understood(pods, entry)?.metadata.namespace
        const claim = understood(persistentVolumeClaims, registry.find(persistentVolumeClaims, namespace, reference.split('/')[1] ?? ''))
        const volume = understood(persistentVolumes, registry.find(persistentVolumes, undefined, claim?.spec.volumeName ?? ''))
        const bound = volume?.spec.claimRef
        if (volume !== undefined && bound?.namespace === namespace && bound?.name === claim?.metadata.name) yield volume
      }
  }

  return {
    hasPod: (node, namespace, name) => registry.find(pods, namespace, name)?.fields?.['spec.nodeName'] === node,
    isGone: (namespace, name) => registry.find(pods, namespace, name) === undefined,
    references(node, resource, namespace, name) {
      if (names(node, `${resource}/${name}`, namespace)) return true
      if (resource !== 'secrets') return false
      for (const volume of volumesOf(node)) if (secretsOfVolume(volume).has(`${namespace}/${name}`)) return true
      return false
    },
    hasVolume(node, name) {
      const bound = understood(persistentVolumes, registry.find(persistentVolumes, undefined, name))?.spec.claimRef
      return bound !== undefined && names(node, `persistentvolumeclaims/${bound.name ?? ''}`, bound.namespace ?? '')
    },
    hasAttachment: (node, name) => understood(volumeAttachments, registry.find(volumeAttachments, undefined, name))?.spec.nodeName === node,
  }
}
