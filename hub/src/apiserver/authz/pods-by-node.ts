import type { KubeObject } from '@bramble/shared/api/client.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import type { Entry } from '../../store/store.ts'
import type { Registry } from '../objects/registry.ts'

/** Which pods are bound to which node, as the store's index tells: what the node authorizer asks on every request of a node. */
export type PodsByNode = {
  hasPod(node: string, namespace: string, name: string): boolean
  /** Whether there is no pod of this name, on whatever node. */
  isGone(namespace: string, name: string): boolean
  /** Whether some pod of the node names this object, or runs under this account. */
  references(node: string, resource: 'configmaps' | 'secrets' | 'serviceaccounts', namespace: string, name: string): boolean
}

export function createPodsByNode({ registry }: { readonly registry: Registry }): PodsByNode {
  // By the parsed object, which is shared as long as the registry keeps it.
  const known = new WeakMap<KubeObject, ReadonlySet<string>>()
  const referencesIn = (entry: Entry): ReadonlySet<string> => {
    try {
      const pod = registry.objectOf(pods, entry)
      let references = known.get(pod)
      if (references === undefined) known.set(pod, (references = referencesOf(pod.spec)))
      return references
    } catch {
      return new Set() // what is stored is not a pod that this hub understands: it gives nobody a right
    }
  }
  const podsOf = (node: string, namespace: string) =>
    registry.store.list(registry.prefixOf(pods, namespace), { where: { field: 'spec.nodeName', value: node } }).entries
  return {
    hasPod: (node, namespace, name) => registry.find(pods, namespace, name)?.fields?.['spec.nodeName'] === node,
    isGone: (namespace, name) => registry.find(pods, namespace, name) === undefined,
    references: (node, resource, namespace, name) =>
      podsOf(node, namespace).some((entry) => referencesIn(entry).has(`${resource}/${name}`)),
  }
}

/** `configmaps/x` and `secrets/y` for each that a pod mounts, reads into its environment or pulls images with, and its account. */
export function referencesOf(spec: Pod['spec']): ReadonlySet<string> {
  const found = new Set<string>()
  if (spec.serviceAccountName !== undefined) found.add(`serviceaccounts/${spec.serviceAccountName}`)
  const configMap = (name: string | undefined) => name !== undefined && name !== '' && found.add(`configmaps/${name}`)
  const secret = (name: string | undefined) => name !== undefined && name !== '' && found.add(`secrets/${name}`)
  for (const { name } of spec.imagePullSecrets ?? []) secret(name)
  for (const volume of spec.volumes ?? []) {
    configMap(volume.configMap?.name)
    secret(volume.secret?.secretName)
    for (const source of volume.projected?.sources ?? []) {
      configMap(source.configMap?.name)
      secret(source.secret?.name)
    }
  }
  for (const container of [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      configMap(configMapRef?.name)
      secret(secretRef?.name)
    }
    for (const { valueFrom } of container.env ?? []) {
      configMap(valueFrom?.configMapKeyRef?.name)
      secret(valueFrom?.secretKeyRef?.name)
    }
  }
  return found
}
