import { keyText } from '@bramble/shared/api/object-key.ts'
import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/api/client.ts'
import type { ConfigMap } from '@bramble/shared/kinds/config-map.ts'
import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { Event } from '@bramble/shared/types/event.ts'
import type { Lease } from '@bramble/shared/kinds/lease.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Secret } from '@bramble/shared/kinds/secret.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'

const resource = <T extends KubeObject>(group: string, version: string, name: string, kind: string, namespaced = true): Resource<T> => ({
  group,
  version,
  resource: name,
  kind,
  namespaced,
})

// The agent speaks of few resources and trusts what the apiserver has checked: it takes their types only,
// so that the schemas (some megabytes of objects) stay out of a small board's memory.
export const pods = resource<Pod>('', 'v1', 'pods', 'Pod')
export const services = resource<Service>('', 'v1', 'services', 'Service')
export const nodes = resource<Node>('', 'v1', 'nodes', 'Node', false)
export const configMaps = resource<ConfigMap>('', 'v1', 'configmaps', 'ConfigMap')
export const secrets = resource<Secret>('', 'v1', 'secrets', 'Secret')
export const serviceAccounts = resource<KubeObject>('', 'v1', 'serviceaccounts', 'ServiceAccount')
export const events = resource<Event>('', 'v1', 'events', 'Event')
export const endpointSlices = resource<EndpointSlice>('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice')
export const leases = resource<Lease>('coordination.k8s.io', 'v1', 'leases', 'Lease')

/** Group and plural, as in a path: resources of two groups may share a name. */
export const nameOf = ({ group, resource }: Resource): string => (group === '' ? resource : `${group}/${resource}`)

/** Tells one object from all others. Also the scope of the cache under which a ConfigMap or a Secret is followed by its name: `secrets/default/db`. */
export const pathOf = (resource: Resource, key: ObjectKey): string => `${nameOf(resource)}/${keyText(key)}`
