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

export const podSpec = message(
  'PodSpec',
  {
    volumes: opt(1, z.array(volume), {
      description: 'Storage that its containers can mount.',
      list: 'map',
      keys: ['name'],
      patch: 'merge,retainKeys',
      key: 'name',
    }),
    initContainers: opt(20, z.array(container), {
      description:
        'Containers that run one after the other, each to its end, before the others start. With restartPolicy Always one is a sidecar that keeps running.',
      list: 'map',
      keys: ['name'],
      patch: 'merge',
      key: 'name',
    }),
    containers: f(2, z.array(container), {
      description: 'The containers that run together; at least one.',
      list: 'map',
      keys: ['name'],
      patch: 'merge',
      key: 'name',
    }),
    ephemeralContainers: opt(34, z.array(ephemeralContainer), { list: 'map', keys: ['name'], patch: 'merge', key: 'name' }),
    restartPolicy: f(3, oneOf('Always', 'Never', 'OnFailure').default('Always'), {
      description: 'When a container that ended is started again.',
    }),
    terminationGracePeriodSeconds: f(4, int64.default(30), {
      description: 'How long containers have to stop on their own after they were asked to, in seconds.',
      ptr: true,
    }),
    activeDeadlineSeconds: opt(5, int64, {
      description: 'After this many seconds on its node the pod is stopped and has failed.',
      ptr: true,
    }),
    dnsPolicy: f(6, oneOf('ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None').default('ClusterFirst'), {
      description: 'Whose name servers the containers ask.',
    }),
    nodeSelector: opt(7, stringMap, { description: 'Labels that a node must have to run the pod.', map: 'atomic' }),
    serviceAccountName: opt(8, text, { description: 'Who the pod is when it talks to the API.' }),
    serviceAccount: opt(9, text),
    automountServiceAccountToken: opt(21, bool, { description: 'Whether containers are given a token of the service account.', ptr: true }),
    nodeName: opt(10, text, { description: 'The node that runs the pod; set by the scheduler.' }),
    hostNetwork: opt(11, bool, { description: 'Use the network of the node instead of an own one.' }),
    hostPID: opt(12, bool, { description: 'See the processes of the node.' }),
    hostIPC: opt(13, bool, { description: 'Share memory and semaphores with processes of the node.' }),
    shareProcessNamespace: opt(27, bool, { description: 'Let the containers see the processes of each other.', ptr: true }),
    securityContext: f(14, podSecurityContext.default({}), {
      description: 'Users, groups and rights for all containers; each can set its own.',
    }),
    imagePullSecrets: opt(15, z.array(localObjectReference), {
      description: 'Secrets with the credentials for private registries.',
      list: 'map',
      keys: ['name'],
      patch: 'merge',
      key: 'name',
    }),
    hostname: opt(16, text, { description: 'The host name in the containers; by default the name of the pod.' }),
    subdomain: opt(17, text, { description: 'Makes the full host name end in this, the namespace and the domain of the cluster.' }),
    affinity: opt(18, affinity, { description: 'Where the pod must or should run, by labels of nodes and by the pods that are there.' }),
    schedulerName: f(19, text.default('default-scheduler'), { description: 'Which scheduler picks the node.' }),
    tolerations: opt(22, z.array(toleration), { description: 'Taints of a node that this pod puts up with.', list: 'atomic' }),
    hostAliases: opt(23, z.array(hostAlias), {
      description: 'Further lines for /etc/hosts.',
      list: 'map',
      keys: ['ip'],
      patch: 'merge',
      key: 'ip',
    }),
    priorityClassName: opt(24, text, { description: 'The class that gives the pod its priority.' }),
    priority: opt(25, int32, { description: 'Pods of higher priority are placed first.', ptr: true }),
    dnsConfig: opt(26, podDnsConfig, { description: 'Name servers, search domains and options beside those of the policy.' }),
    readinessGates: opt(28, z.array(podReadinessGate), {
      description: 'Conditions that others set and that must be true for the pod to be ready.',
      list: 'atomic',
    }),
    runtimeClassName: opt(29, text, { ptr: true }),
    enableServiceLinks: opt(30, bool, {
      description: 'Whether containers get variables for the Services of the namespace; by default they do.',
      ptr: true,
    }),
    preemptionPolicy: opt(31, oneOf('Never', 'PreemptLowerPriority'), { ptr: true }),
    overhead: opt(32, resourceList, { description: 'What the pod needs beside its containers.' }),
    topologySpreadConstraints: opt(33, z.array(topologySpreadConstraint), {
      description: 'How evenly pods are spread over nodes, zones and the like.',
      list: 'map',
      keys: ['topologyKey', 'whenUnsatisfiable'],
      patch: 'merge',
      key: 'topologyKey',
    }),
    setHostnameAsFQDN: opt(35, bool, { ptr: true }),
    os: opt(36, podOS),
    hostUsers: opt(37, bool, { ptr: true }),
    schedulingGates: opt(38, z.array(podSchedulingGate), {
      description: 'The pod waits until this list is empty before it is scheduled.',
      list: 'map',
      keys: ['name'],
      patch: 'merge',
      key: 'name',
    }),
    resourceClaims: opt(39, z.array(podResourceClaim), { list: 'map', keys: ['name'], patch: 'merge,retainKeys', key: 'name' }),
    resources: opt(40, resourceRequirements),
    hostnameOverride: opt(41, text, { ptr: true }),
  },
  { description: 'What a pod is and how it is run.' },
)
export type PodSpec = z.infer<typeof podSpec>
