import * as z from 'zod'
import { affinity } from './affinity.ts'
import { container } from './container.ts'
import { ephemeralContainer } from './ephemeral-container.ts'
import { hostAlias, podDnsConfig } from './pod-dns.ts'
import { podOS, podReadinessGate, podResourceClaim, podSchedulingGate, topologySpreadConstraint } from './pod-scheduling.ts'
import { localObjectReference } from './references.ts'
import { resourceRequirements } from './resources.ts'
import { podSecurityContext } from './security-context.ts'
import { toleration } from './taint.ts'
import { volume } from './volume.ts'
import { f, message, oneOf, opt } from './field.ts'
import { bool, int32, int64, resourceList, stringMap, text } from './scalars.ts'

export const podSpec = message('PodSpec', {
  volumes: opt(1, z.array(volume), { list: 'map', keys: ['name'], patch: 'merge,retainKeys', key: 'name' }),
  initContainers: opt(20, z.array(container), { list: 'map', keys: ['name'], patch: 'merge', key: 'name' }),
  containers: f(2, z.array(container), { list: 'map', keys: ['name'], patch: 'merge', key: 'name' }),
  ephemeralContainers: opt(34, z.array(ephemeralContainer), { list: 'map', keys: ['name'], patch: 'merge', key: 'name' }),
  restartPolicy: f(3, oneOf('Always', 'Never', 'OnFailure').default('Always')),
  terminationGracePeriodSeconds: f(4, int64.default(30), { ptr: true }),
  activeDeadlineSeconds: opt(5, int64, { ptr: true }),
  dnsPolicy: f(6, oneOf('ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None').default('ClusterFirst')),
  nodeSelector: opt(7, stringMap, { map: 'atomic' }),
  serviceAccountName: opt(8, text),
  serviceAccount: opt(9, text),
  automountServiceAccountToken: opt(21, bool, { ptr: true }),
  nodeName: opt(10, text),
  hostNetwork: opt(11, bool),
  hostPID: opt(12, bool),
  hostIPC: opt(13, bool),
  shareProcessNamespace: opt(27, bool, { ptr: true }),
  securityContext: f(14, podSecurityContext.default({})),
  imagePullSecrets: opt(15, z.array(localObjectReference), { list: 'map', keys: ['name'], patch: 'merge', key: 'name' }),
  hostname: opt(16, text),
  subdomain: opt(17, text),
  affinity: opt(18, affinity),
  schedulerName: f(19, text.default('default-scheduler')),
  tolerations: opt(22, z.array(toleration), { list: 'atomic' }),
  hostAliases: opt(23, z.array(hostAlias), { list: 'map', keys: ['ip'], patch: 'merge', key: 'ip' }),
  priorityClassName: opt(24, text),
  priority: opt(25, int32, { ptr: true }),
  dnsConfig: opt(26, podDnsConfig),
  readinessGates: opt(28, z.array(podReadinessGate), { list: 'atomic' }),
  runtimeClassName: opt(29, text, { ptr: true }),
  enableServiceLinks: f(30, bool.default(true), { ptr: true }),
  preemptionPolicy: opt(31, oneOf('Never', 'PreemptLowerPriority'), { ptr: true }),
  overhead: opt(32, resourceList),
  topologySpreadConstraints: opt(33, z.array(topologySpreadConstraint), {
    list: 'map',
    keys: ['topologyKey', 'whenUnsatisfiable'],
    patch: 'merge',
    key: 'topologyKey',
  }),
  setHostnameAsFQDN: opt(35, bool, { ptr: true }),
  os: opt(36, podOS),
  hostUsers: opt(37, bool, { ptr: true }),
  schedulingGates: opt(38, z.array(podSchedulingGate), { list: 'map', keys: ['name'], patch: 'merge', key: 'name' }),
  resourceClaims: opt(39, z.array(podResourceClaim), { list: 'map', keys: ['name'], patch: 'merge,retainKeys', key: 'name' }),
  resources: opt(40, resourceRequirements),
  hostnameOverride: opt(41, text, { ptr: true }),
})
export type PodSpec = z.infer<typeof podSpec>
