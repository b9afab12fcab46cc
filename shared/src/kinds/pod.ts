import * as z from 'zod'
import { fieldForbidden } from '../api/api-error.ts'
import { defineKind } from '../schema/kind.ts'
import { hasEnded } from './rules/pod-phase.ts'
import { qosOf } from './rules/qos.ts'
import { keepTokenVolume } from './rules/token-volume.ts'
import { validatePodSpecUpdate } from './rules/pod-update.ts'
import { setPodSpecDefaults, validatePodSpec } from './rules/pod-spec.ts'
import { defaultRequests } from './rules/resources.ts'
import { alignPodIps, validatePodAddresses } from './rules/pod-addresses.ts'
import { validatePodAnnotations, validatePodAnnotationsUpdate } from './rules/pod-annotations.ts'
import { podColumns } from './rules/pod-columns.ts'
import { setHostPorts, validateImages } from './rules/containers.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { podSpec } from '../types/pod-spec.ts'
import { podStatus } from '../types/pod-status.ts'
import { f, message, opt } from '../types/field.ts'

export const pod = message('Pod', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Pod'),
  metadata: f(1, objectMeta),
  spec: f(2, podSpec),
  status: opt(3, podStatus, { byValue: true }),
})
export type Pod = z.infer<typeof pod>

export const pods = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  resource: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  schema: pod,
  description:
    'Containers that run together on one node, with one address and shared volumes. Usually something else makes it, such as a Deployment.',
  subresources: {
    status: true,
    statusKeeps: ['ownerReferences'],
    named: ['attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'log', 'portforward', 'proxy', 'resize'],
  },
  columns: podColumns,
  // Each agent lists and follows the pods of its node, among those of all.
  indexedFields: ['spec.nodeName'],
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy,
    'spec.schedulerName': ({ spec }) => spec.schedulerName,
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIP ?? '',
    'status.podIPs': ({ status }) => status?.podIPs?.[0]?.ip ?? status?.podIP ?? '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },
  setDefaults({ spec, status }) {
    setPodSpecDefaults(spec)
    setHostPorts(spec)
    for (const { resources } of [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])])
      defaultRequests(resources)
    spec.enableServiceLinks ??= true
    if (status !== undefined) alignPodIps(status)
  },
  keepUnsaid({ spec }, { spec: previous }) {
    for (const field of ['nodeName', 'serviceAccountName', 'serviceAccount'] as const)
      if (previous[field] !== undefined) spec[field] ??= previous[field]
    if (previous.imagePullSecrets !== undefined) spec.imagePullSecrets ??= structuredClone(previous.imagePullSecrets)
    keepTokenVolume(spec, previous)
  },
  prepareForCreate(object) {
    startGeneration(object)
    object.status = { phase: 'Pending', qosClass: qosOf(object.spec) }
    if ((object.spec.schedulingGates ?? []).length > 0)
      object.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        },
      ]
  },
  prepareForUpdate(next, previous) {
    countGeneration(next, previous)
    // The class follows from the spec; a status that leaves it out does not take it away.
    if (next.status !== undefined) next.status.qosClass ??= previous.status?.qosClass ?? qosOf(next.spec)
  },
  validate: ({ metadata, spec, status }) => [
    ...validatePodAnnotations(metadata.annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec'),
    ...validateImages(spec, 'spec'),
    ...validatePodAddresses(status),
  ],
  validateCreate: ({ spec }) =>
    (spec.ephemeralContainers ?? []).length === 0 ? [] : [fieldForbidden('spec.ephemeralContainers', 'cannot be set on create')],
  validateUpdate: (next, previous) => [
    ...validatePodAnnotationsUpdate(next.metadata.annotations, previous.metadata.annotations),
    ...validatePodSpecUpdate(next.spec, previous.spec),
  ],
  statusRules: {
    setDefaults({ status }) {
      if (status !== undefined) alignPodIps(status)
    },
    validate: ({ status }) => validatePodAddresses(status),
    validateUpdate: (next, previous) => validatePodAnnotationsUpdate(next.metadata.annotations, previous.metadata.annotations),
  },
  // Nothing runs before a node has the pod, nor after it ended: there is nothing to wait for.
  graceSeconds: (pod, asked) =>
    (pod.spec.nodeName ?? '') === '' || hasEnded(pod) ? 0 : (asked ?? Number(pod.spec.terminationGracePeriodSeconds)),
})
