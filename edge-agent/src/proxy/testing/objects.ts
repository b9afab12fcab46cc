import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/api/client.ts'
import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { createMemoryCache } from '../../cache/memory-cache.ts'
import { endpointSlices, nodes, pods, services } from '../../resources.ts'
import { hubSource } from '../../link/sync/hub-source.ts'

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

/** A real cache in memory, filled object by object. */
export function testCache() {
  const cache = createMemoryCache()
  let revision = 1
  const change = (resource: Resource, puts: readonly KubeObject[], deletes: readonly ObjectKey[]) =>
    hubSource(cache).apply({ scope: resource.resource, resource, puts, deletes, resourceVersion: String(revision++) })
  for (const resource of [services, endpointSlices, pods, nodes]) hubSource(cache).replace(resource.resource, resource, [], '1')
  return {
    ...cache,
    put: (resource: Resource, object: KubeObject) => change(resource, [object], []),
    remove: (resource: Resource, key: ObjectKey) => change(resource, [], [key]),
  }
}
