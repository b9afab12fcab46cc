import { createHash } from 'node:crypto'
import { apiVersionOf, type Kind } from '@bramble/shared/schema/kind.ts'
import type { Json } from './api.ts'
import { definitionOf } from './definitions.ts'
import { leastManifests } from './least-manifests.ts'

const podSpec = {
  schedulerName: 'nobody',
  securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] },
  tolerations: [{ key: 'a', operator: 'Exists' }],
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: {} }] } },
  volumes: [
    { name: 'e', emptyDir: {} },
    { name: 'h', hostPath: { path: '/tmp' } },
    { name: 'c', configMap: { name: 'c' } },
    { name: 'd', downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.name' } }] } },
  ],
  containers: [
    {
      name: 'main',
      image: 'busybox',
      ports: [{ containerPort: 80 }],
      env: [{ name: 'A' }, { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      resources: { limits: { cpu: '1' } },
      livenessProbe: { httpGet: { port: 80 } },
      readinessProbe: { tcpSocket: { port: 80 } },
      volumeMounts: [{ name: 'e', mountPath: '/e' }],
      securityContext: { capabilities: {} },
    },
  ],
}
export const workload = { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: podSpec } }

const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const job = { template: { ...workload.template, spec: { ...podSpec, restartPolicy: 'Never' } } }

/** What a user writes of each kind at least, with the structs that a zero can stand in. */
const bodies: Readonly<Record<string, object>> = {
  ...leastManifests,
  Pod: { spec: podSpec },
  Deployment: { spec: workload },
  ReplicaSet: { spec: workload },
  Service: { spec: { selector: { a: 'b' }, ports: [{ port: 80 }] } },
  Endpoints: { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
  EndpointSlice: { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }], ports: [{ port: 80 }] },
  Event: { involvedObject: { kind: 'Pod', name: 'x', namespace: 'default' }, reason: 'R' },
  Lease: { spec: { holderIdentity: 'a' } },
  Node: { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } },
  ConfigMap: { data: { a: '' } },
  Secret: { data: { a: '' } },
  Namespace: {},
  DaemonSet: { spec: workload },
  StatefulSet: { spec: { ...workload, serviceName: 'a', volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: claim }] } },
  ControllerRevision: { data: { a: 'b' } },
  Job: { spec: { ...job, manualSelector: true, selector: workload.selector } },
  CronJob: { spec: { schedule: '@daily', jobTemplate: { spec: job } } },
  ReplicationController: { spec: { template: workload.template } },
  PodTemplate: { template: workload.template },
  PersistentVolume: { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } } },
  PersistentVolumeClaim: { spec: claim },
  ResourceQuota: { spec: { hard: { pods: '2' } } },
  LimitRange: { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } },
  Ingress: {
    spec: {
      rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 80 } } } }] } }],
      tls: [{ hosts: ['a.example.com'] }],
    },
  },
  IngressClass: { spec: { controller: 'example.com/ingress', parameters: { kind: 'ConfigMap', name: 'a' } } },
  NetworkPolicy: { spec: { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 80 }] }] } },
  PodDisruptionBudget: { spec: { minAvailable: 1, selector: workload.selector } },
  HorizontalPodAutoscaler: { spec: { scaleTargetRef: { kind: 'Deployment', name: 'a' }, maxReplicas: 3 } },
  ServiceAccount: { imagePullSecrets: [{ name: 'x' }] },
}

/** Where the objects of a kind are, in the namespace default if in any. */
export const urlOf = (kind: Kind) =>
  `${kind.group === '' ? '/api' : '/apis'}/${apiVersionOf(kind)}/${kind.namespaced ? 'namespaces/default/' : ''}${kind.resource}`

/** For tests: an object of the kind as a user writes it. */
export const exampleOf = (kind: Kind, name: string): Json => {
  // What a definition is called it says a second time.
  if (kind.kind === 'CustomResourceDefinition') return definitionOf({ plural: name })
  return exampleNamed(kind, kind.nameRule === 'ip' ? addressNamed(name) : name)
}

/** An address for each name. */
const addressNamed = (name: string): string => {
  const [a = 0, b = 0, c = 0] = createHash('sha256').update(name).digest()
  return `10.${a}.${b}.${c}`
}

const exampleNamed = (kind: Kind, name: string): Json => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  metadata: { name, ...(kind.namespaced && { namespace: 'default' }) },
  ...(bodies[`${kind.kind}.${kind.group}`] ?? bodies[kind.kind]),
})
