import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/client.ts'
import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'

/** Objects for tests, as the apiserver would have filled them in. */
export const service = (
  name: string,
  { ports, nodePort, ...spec }: Record<string, unknown> & { ports: readonly object[]; nodePort?: number },
): Service =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', uid: name },
    spec: { type: 'ClusterIP', ...spec, ports: ports.map((port) => ({ protocol: 'TCP', ...(nodePort && { nodePort }), ...port })) },
  }) as unknown as Service // a test says only what it is about

export type EndpointSpec = readonly [ip: string, node: string, conditions?: object, uid?: string]

export const slice = (serviceName: string, port: number, endpoints: readonly EndpointSpec[], protocol = 'TCP'): EndpointSlice =>
  ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${serviceName}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': serviceName } },
    addressType: 'IPv4',
    ports: [{ name: '', port, protocol }],
    endpoints: endpoints.map(([ip, nodeName, conditions = { ready: true }, uid]) => ({
      addresses: [ip],
      nodeName,
      conditions,
      ...(uid !== undefined && { targetRef: { kind: 'Pod', name: uid, uid } }),
    })),
  }) as unknown as EndpointSlice // as above

/** The reading side of the cache over plain maps. */
export function testCache() {
  const objects = new Map<string, Map<string, KubeObject>>()
  const listeners = new Map<string, Set<() => void>>()
  const keyOf = ({ name, namespace }: ObjectKey) => `${namespace ?? ''}/${name}`
  const of = (resource: Resource) => {
    const found = objects.get(resource.resource) ?? new Map<string, KubeObject>()
    objects.set(resource.resource, found)
    return found
  }
  const tell = (resource: Resource) => {
    for (const listener of listeners.get(resource.resource) ?? []) listener()
  }
  return {
    put(resource: Resource, object: KubeObject): void {
      of(resource).set(keyOf(object.metadata), object)
      tell(resource)
    },
    remove(resource: Resource, key: ObjectKey): void {
      of(resource).delete(keyOf(key))
      tell(resource)
    },
    get: <T extends KubeObject>(resource: Resource<T>, key: ObjectKey): T | undefined => of(resource).get(keyOf(key)) as T | undefined,
    list: <T extends KubeObject>(resource: Resource<T>): readonly T[] => [...of(resource).values()] as T[],
    hasSynced: () => true,
    subscribe(resource: Resource, listener: () => void): () => void {
      const set = listeners.get(resource.resource) ?? new Set()
      listeners.set(resource.resource, set.add(listener))
      return () => set.delete(listener)
    },
  }
}
