import * as z from 'zod'
import { type FieldError, fieldDuplicate, fieldInvalid } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { bool, int64, text } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { duplicatesOf, immutable } from './rules/field-errors.ts'

export const tokenRequest = message('storage.k8s.io/v1.TokenRequest', {
  audience: f(1, text, { description: 'For whom the token is; empty: for the API.' }),
  expirationSeconds: opt(2, int64, { description: 'How long it is good.', ptr: true }),
})
export type TokenRequest = z.infer<typeof tokenRequest>

export const csiDriverSpec = message('storage.k8s.io/v1.CSIDriverSpec', {
  attachRequired: f(1, bool.default(true), { description: 'Whether volumes are attached to a node before they are mounted.', ptr: true }),
  podInfoOnMount: f(2, bool.default(false), { description: 'Whether it is told for which pod it mounts.', ptr: true }),
  volumeLifecycleModes: opt(3, z.array(oneOf('Persistent', 'Ephemeral')), {
    description: 'Volumes with a life of their own (Persistent, default), or that of their pod (Ephemeral).',
    list: 'set',
  }),
  storageCapacity: f(4, bool.default(false), { description: 'Whether it tells how much room there is.', ptr: true }),
  fsGroupPolicy: f(5, oneOf('File', 'None', 'ReadWriteOnceWithFSType').default('ReadWriteOnceWithFSType'), {
    description: 'When the owner of files is changed to the fsGroup of a pod.',
    ptr: true,
  }),
  tokenRequests: opt(6, z.array(tokenRequest), { description: "Tokens of the pod's account that it gets.", list: 'atomic' }),
  requiresRepublish: f(7, bool.default(false), { description: 'Whether it is asked to mount again and again.', ptr: true }),
  seLinuxMount: f(8, bool.default(false), { description: 'Whether it takes the mount option context.', ptr: true }),
  nodeAllocatableUpdatePeriodSeconds: opt(9, int64, { description: 'How often the count of volumes for a node is asked for.', ptr: true }),
  serviceAccountTokenInSecrets: opt(10, bool, { description: 'Whether tokens come to it as secrets.', ptr: true }),
  preventPodSchedulingIfMissing: opt(11, bool, { description: 'Whether pods keep away from nodes without the driver.', ptr: true }),
})
export type CSIDriverSpec = z.infer<typeof csiDriverSpec>

export const csiDriver = message('storage.k8s.io/v1.CSIDriver', {
  apiVersion: z.literal('storage.k8s.io/v1'),
  kind: z.literal('CSIDriver'),
  metadata: f(1, objectMeta),
  spec: f(2, csiDriverSpec.prefault({}), { description: 'What the driver can.' }),
})
export type CSIDriver = z.infer<typeof csiDriver>

export const csiDrivers = defineKind<CSIDriver>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  resource: 'csidrivers',
  singular: 'csidriver',
  namespaced: false,
  schema: csiDriver,
  description: 'What a driver of volumes (CSI) can.',
  needsRevision: true,
  columns: [
    nameColumn,
    { name: 'AttachRequired', type: 'boolean', description: 'Whether volumes are attached.', cell: ({ spec }) => spec.attachRequired },
    { name: 'PodInfoOnMount', type: 'boolean', description: 'Whether it is told of pods.', cell: ({ spec }) => spec.podInfoOnMount },
    { name: 'StorageCapacity', type: 'boolean', description: 'Whether it tells of room.', cell: ({ spec }) => spec.storageCapacity },
    {
      name: 'TokenRequests',
      type: 'string',
      description: 'For whom it gets tokens.',
      cell: ({ spec: { tokenRequests } }) => tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
    },
    {
      name: 'RequiresRepublish',
      type: 'boolean',
      description: 'Whether it is asked again and again.',
      cell: ({ spec }) => spec.requiresRepublish,
    },
    {
      name: 'Modes',
      type: 'string',
      description: 'What volumes it has.',
      cell: ({ spec }) => (spec.volumeLifecycleModes ?? []).join(','),
    },
    ageColumn,
  ],
  setDefaults({ spec }) {
    spec.volumeLifecycleModes ??= ['Persistent']
  },
  prepareForUpdate(next, previous) {
    const counted = ({ spec: { tokenRequests, requiresRepublish, seLinuxMount } }: CSIDriver) => [
      tokenRequests,
      requiresRepublish,
      seLinuxMount,
    ]
    if (!isSameJson(counted(next), counted(previous))) next.metadata.generation = (previous.metadata.generation ?? 0) + 1
  },
  validate: ({ spec }) => [
    ...validateTokenRequests(spec.tokenRequests ?? []),
    ...((spec.nodeAllocatableUpdatePeriodSeconds ?? 10) < 10
      ? [
          fieldInvalid(
            'spec.nodeAllocatableUpdatePeriodSeconds',
            spec.nodeAllocatableUpdatePeriodSeconds,
            'must be greater than or equal to 10 seconds',
          ),
        ]
      : []),
  ],
  validateUpdate: ({ spec }, { spec: previous }) => [
    // Kubernetes' own name for it in its errors.
    ...(spec.attachRequired === previous.attachRequired ? [] : [immutable('spec.attachedRequired', spec.attachRequired)]),
    ...(isSameJson(spec.volumeLifecycleModes, previous.volumeLifecycleModes)
      ? []
      : [immutable('spec.volumeLifecycleModes', spec.volumeLifecycleModes)]),
  ],
})

function validateTokenRequests(requests: readonly TokenRequest[]): FieldError[] {
  // The empty audience is one as well.
  const repeated = new Set(duplicatesOf(requests.map(({ audience }) => `to ${audience}`)))
  return requests.flatMap(({ audience, expirationSeconds }, i) => {
    const field = `spec.tokenRequests[${i}]`
    if (repeated.has(i)) return [fieldDuplicate(`${field}.audience`, audience)]
    if (expirationSeconds === undefined) return []
    const refused = (why: string) => [fieldInvalid(`${field}.expirationSeconds`, expirationSeconds, `may not specify a duration ${why}`)]
    if (expirationSeconds < 600) return refused('less than 10 minutes')
    return expirationSeconds > 2 ** 32 ? refused('larger than 2^32 seconds') : []
  })
}
