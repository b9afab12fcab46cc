/** Why nothing comes of it; `when`: for which of its values that is so. */
export type Reason = string | { readonly why: string; readonly when: (value: unknown) => boolean }

const noController = 'no controller makes its pods yet'
const noDriver = 'no driver is asked for storage yet'

/**
 * What is stored and served as Kubernetes does it, and nothing acts on yet: by kind and path, '' for the whole kind. Its sender is warned.
 * Whoever makes something act on it takes its line away. What pods ask for stands in `unserved.ts`; what only people and programs that
 * you install read is no line here.
 */
export const reasons: Readonly<Record<string, Readonly<Record<string, Reason>>>> = {
  'v1 ReplicationController': { '': noController },
  'apps/v1 DaemonSet': { '': noController },
  'apps/v1 StatefulSet': { '': noController },
  'batch/v1 Job': { '': noController },
  'batch/v1 CronJob': { '': 'no controller makes its Jobs yet' },
  'autoscaling/v1 HorizontalPodAutoscaler': { '': 'no controller scales anything yet' },
  'autoscaling/v2 HorizontalPodAutoscaler': { '': 'no controller scales anything yet' },
  'v1 PersistentVolume': { '': 'no claim is bound to it and no node mounts it yet' },
  'v1 PersistentVolumeClaim': { '': 'no volume is made for it or bound to it yet' },
  'storage.k8s.io/v1 StorageClass': { '': noDriver },
  'storage.k8s.io/v1 VolumeAttributesClass': { '': noDriver },
  'storage.k8s.io/v1 VolumeAttachment': { '': noDriver },
  'storage.k8s.io/v1 CSIDriver': { '': noDriver },
  'storage.k8s.io/v1 CSINode': { '': noDriver },
  'storage.k8s.io/v1 CSIStorageCapacity': { '': noDriver },
  'node.k8s.io/v1 RuntimeClass': { '': 'every container runs with runc, and pods that name a class are refused' },
  'policy/v1 PodDisruptionBudget': { '': 'evictions are always allowed' },
  'networking.k8s.io/v1 IPAddress': { '': 'Services have their addresses without one' },
  'networking.k8s.io/v1 ServiceCIDR': {
    '': {
      why: 'Services get addresses of the network that the hub was started with',
      when: (object) => (object as { metadata: { name: string } }).metadata.name !== 'kubernetes', // of that kind
    },
  },
  'networking.k8s.io/v1 NetworkPolicy': { '': 'all traffic of pods is let through' },
  'scheduling.k8s.io/v1 PriorityClass': {
    preemptionPolicy: {
      why: 'pods are placed in the order of their priority, none is ended to make room for another',
      when: (policy) => policy === 'PreemptLowerPriority',
    },
  },
  'v1 Service': {
    'spec.externalName': 'no name server answers for the cluster yet',
    'spec.loadBalancerIP': 'write the address into status.loadBalancer, or spec.externalIPs',
    'spec.trafficDistribution': 'traffic goes to all endpoints alike',
  },
  'v1 Endpoints': { subsets: 'agents follow EndpointSlices: give the Service one of those' },
  'discovery.k8s.io/v1 EndpointSlice': { 'endpoints.hints': 'traffic goes to all endpoints alike' },
  'v1 Node': { 'spec.configSource': 'the configuration of an agent is a file on its machine' },
}
