import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import type { Log } from '@bramble/shared/log.ts'
import type { Registry } from '../registry.ts'
import { createSkipping } from '../skipping.ts'

/** Which pods are bound to which node, kept from a watch: what the node authorizer asks on every request of a node. */
export type PodsByNode = {
  hasPod(node: string, namespace: string, name: string): boolean
  /** Whether there is no pod of this name, on whatever node. */
  isGone(namespace: string, name: string): boolean
  /** Whether some pod of the node names this object. */
  references(node: string, resource: 'configmaps' | 'secrets', namespace: string, name: string): boolean
  close(): void
}

export function createPodsByNode({ registry, log }: { readonly registry: Registry; readonly log: Log }): PodsByNode {
  const nodes = new Map<string, Map<string, ReadonlySet<string>>>()
  const put = ({ metadata, spec }: Pod) => {
    if (spec.nodeName === undefined || spec.nodeName === '') return
    let ofNode = nodes.get(spec.nodeName)
    if (ofNode === undefined) nodes.set(spec.nodeName, (ofNode = new Map()))
    ofNode.set(`${metadata.namespace}/${metadata.name}`, referencesOf(spec))
  }
  const drop = ({ metadata, spec }: Pod) => {
    const ofNode = nodes.get(spec.nodeName ?? '')
    ofNode?.delete(`${metadata.namespace}/${metadata.name}`)
    if (ofNode?.size === 0) nodes.delete(spec.nodeName ?? '')
  }

  const { store } = registry
  const prefix = registry.prefixOf(pods)
  const { entries, revision } = store.list(prefix)
  const skipping = createSkipping(log)
  for (const entry of entries) skipping(entry, () => put(registry.objectOf(pods, entry)))
  const watch = store.watch(prefix, revision, (events) => {
    for (const { type, entry, previous } of events) {
      if (previous !== undefined) skipping(previous, () => drop(registry.objectOf(pods, previous)))
      if (type === 'put') skipping(entry, () => put(registry.objectOf(pods, entry)))
    }
  })

  return {
    hasPod: (node, namespace, name) => nodes.get(node)?.has(`${namespace}/${name}`) ?? false,
    isGone: (namespace, name) => registry.find(pods, namespace, name) === undefined,
    references(node, resource, namespace, name) {
      const wanted = `${resource}/${name}`
      for (const [pod, references] of nodes.get(node) ?? []) if (pod.startsWith(`${namespace}/`) && references.has(wanted)) return true
      return false
    },
    close: () => watch.close(),
  }
}

/** `configmaps/x` and `secrets/y` for each that a pod mounts, reads into its environment or pulls images with. */
export function referencesOf(spec: Pod['spec']): ReadonlySet<string> {
  const found = new Set<string>()
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
