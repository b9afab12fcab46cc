import type { Json } from '../../../hub/src/apiserver/testing/api.ts'

/** A field that is as it was made, a value that would be right in a new object, and what a refusal names, if not the field. */
export type ImmutableField = readonly [field: string, value: Json, named?: string]

const otherSelector = { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'Exists' }] }
const selector: readonly ImmutableField[] = [['spec.selector', otherSelector]]
const ofEvent = ['reason', 'action', 'type', 'reportingController'].map((field): ImmutableField => [field, 'Warning'])
const roleRef: readonly ImmutableField[] = [['roleRef.name', 'other', 'roleRef']]

/** By kind, as Kubernetes' rules of updates say, down to names that are not quite those of the fields; of an Event in the group that has rules of updates. */
export const immutableFields: Readonly<Record<string, readonly ImmutableField[]>> = {
  Deployment: selector,
  ReplicaSet: selector,
  DaemonSet: selector,
  StatefulSet: [
    ['spec.selector', otherSelector, 'spec'],
    ['spec.serviceName', 'other', 'spec'],
    ['spec.podManagementPolicy', 'Parallel', 'spec'],
    ['spec.volumeClaimTemplates', [], 'spec'],
  ],
  Job: [
    ...selector,
    ['spec.completions', 7],
    ['spec.template.spec.terminationGracePeriodSeconds', 7, 'spec.template'],
    ['spec.podFailurePolicy', { rules: [] }],
    ['spec.managedBy', 'example.com/other'],
  ],
  Pod: [
    ['spec.nodeName', 'other', 'spec'],
    ['spec.restartPolicy', 'Never', 'spec'],
    ['spec.hostNetwork', true, 'spec'],
    ['spec.serviceAccountName', 'other', 'spec'],
    ['spec.volumes', [{ name: 'e', emptyDir: {} }], 'spec'],
  ],
  IPAddress: [['spec.parentRef.name', 'other', 'spec.parentRef']],
  ServiceCIDR: [['spec.cidrs', ['10.45.0.0/24'], 'spec.cidrs[0]']],
  Service: [['spec.clusterIP', '10.43.0.7', 'spec.clusterIPs[0]']],
  Secret: [['type', 'example.com/other']],
  PersistentVolumeClaim: [
    ['spec.storageClassName', 'other', 'spec'],
    ['spec.accessModes', ['ReadOnlyMany'], 'spec'],
    ['spec.volumeMode', 'Block', 'volumeMode'],
  ],
  PersistentVolume: [
    ['spec.hostPath.path', '/other', 'spec.persistentvolumesource'],
    ['spec.volumeMode', 'Block', 'volumeMode'],
  ],
  StorageClass: [
    ['provisioner', 'example.com/other'],
    ['parameters', { a: 'other' }],
    ['reclaimPolicy', 'Retain'],
    ['volumeBindingMode', 'WaitForFirstConsumer'],
  ],
  VolumeAttributesClass: [
    ['driverName', 'other.example.com'],
    ['parameters', { a: 'other' }],
  ],
  VolumeAttachment: [
    ['spec.nodeName', 'other', 'spec'],
    ['spec.attacher', 'other.example.com', 'spec'],
  ],
  CSIDriver: [
    ['spec.attachRequired', false, 'spec.attachedRequired'],
    ['spec.volumeLifecycleModes', ['Ephemeral']],
  ],
  CSIStorageCapacity: [
    ['storageClassName', 'other'],
    ['nodeTopology', { matchLabels: { a: 'other' } }],
  ],
  RoleBinding: roleRef,
  ClusterRoleBinding: roleRef,
  PriorityClass: [
    ['value', 7],
    ['preemptionPolicy', 'Never'],
  ],
  RuntimeClass: [['handler', 'other']],
  IngressClass: [['spec.controller', 'example.com/other']],
  ControllerRevision: [['data', { a: 'other' }]],
  EndpointSlice: [['addressType', 'IPv6']],
  CustomResourceDefinition: [
    ['spec.scope', 'Cluster'],
    ['spec.names.kind', 'Other'],
  ],
  'Event.events.k8s.io': ofEvent,
}
