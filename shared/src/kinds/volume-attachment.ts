import * as z from 'zod'
import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { checkDnsSubdomain } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { allMetadata, defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { bool, int32, stringMap, text, time } from '../types/scalars.ts'
import { type PersistentVolumeSpec, persistentVolumeSpec } from './persistent-volume.ts'
import { validateAccessModes } from './rules/claims.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { checked, fieldTooLong, immutable } from './rules/field-errors.ts'
import { validateVolumeSource } from './rules/persistent-volume.ts'
import { sizeOf, validateCsiDriverName } from './rules/storage.ts'

const group = 'storage.k8s.io/v1'

export const volumeAttachmentSource = message(`${group}.VolumeAttachmentSource`, {
  persistentVolumeName: opt(1, text, { description: 'The PersistentVolume.', ptr: true }),
  inlineVolumeSpec: opt(2, persistentVolumeSpec, { description: 'A volume that is no PersistentVolume.' }),
})
export type VolumeAttachmentSource = z.infer<typeof volumeAttachmentSource>

export const volumeAttachmentSpec = message(`${group}.VolumeAttachmentSpec`, {
  attacher: f(1, text, { description: 'The driver that attaches it.' }),
  source: f(2, volumeAttachmentSource.prefault({}), { description: 'The volume.' }),
  nodeName: f(3, text, { description: 'The node.' }),
})
export type VolumeAttachmentSpec = z.infer<typeof volumeAttachmentSpec>

export const volumeError = message(`${group}.VolumeError`, {
  time: opt(1, time, { byValue: true, description: 'When it was seen.' }),
  message: opt(2, text, { description: 'What went wrong.' }),
  errorCode: opt(3, int32, { description: 'The code of gRPC for it.', ptr: true }),
})
export type VolumeError = z.infer<typeof volumeError>

export const volumeAttachmentStatus = message(`${group}.VolumeAttachmentStatus`, {
  attached: f(1, bool.default(false), { description: 'Whether it is attached.' }),
  attachmentMetadata: opt(2, stringMap, { description: 'What the driver needs to mount it.' }),
  attachError: opt(3, volumeError, { description: 'Why it could not be attached.' }),
  detachError: opt(4, volumeError, { description: 'Why it could not be detached.' }),
})
export type VolumeAttachmentStatus = z.infer<typeof volumeAttachmentStatus>

export const volumeAttachment = message(`${group}.VolumeAttachment`, {
  apiVersion: z.literal(group),
  kind: z.literal('VolumeAttachment'),
  metadata: f(1, objectMeta),
  spec: f(2, volumeAttachmentSpec, { description: 'What is to be attached where; never changes.' }),
  status: opt(3, volumeAttachmentStatus, { description: 'Whether it is.', byValue: true }),
})
export type VolumeAttachment = z.infer<typeof volumeAttachment>

export const volumeAttachments = defineKind<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  resource: 'volumeattachments',
  singular: 'volumeattachment',
  namespaced: false,
  schema: volumeAttachment,
  description: 'That a volume is to be attached to a node, for the driver of the volume.',
  needsRevision: true,
  subresources: { status: true, statusKeeps: allMetadata },
  columns: [
    nameColumn,
    { name: 'Attacher', type: 'string', description: 'The driver that attaches it.', cell: ({ spec }) => spec.attacher },
    { name: 'PV', type: 'string', description: 'The PersistentVolume.', cell: ({ spec }) => spec.source.persistentVolumeName ?? '' },
    { name: 'Node', type: 'string', description: 'The node.', cell: ({ spec }) => spec.nodeName },
    { name: 'Attached', type: 'boolean', description: 'Whether it is attached.', cell: ({ status }) => status?.attached ?? false },
    ageColumn,
  ],
  prepareForCreate(object) {
    delete object.status
  },
  validate: ({ spec, status }) => [
    ...validateCsiDriverName('spec.attacher', spec.attacher),
    ...validateSource(spec.source),
    ...checked('spec.nodeName', spec.nodeName, checkDnsSubdomain),
    ...validateStatus(status),
  ],
  validateUpdate: ({ spec }, { spec: previous }) => (isSameJson(spec, previous) ? [] : [immutable('spec', spec)]),
})

function validateSource({ persistentVolumeName: name, inlineVolumeSpec: inline }: VolumeAttachmentSource): FieldError[] {
  const field = 'spec.source'
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (name === undefined && inline === undefined) return [fieldRequired(field, one)]
  if (name !== undefined && inline !== undefined) return [fieldForbidden(field, one)]
  if (name === '') return [fieldRequired(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName')]
  return [
    ...(name === undefined ? [] : checked(`${field}.persistentVolumeName`, name, checkDnsSubdomain)),
    ...(inline === undefined ? [] : validateInline(inline, `${field}.inlineVolumeSpec`)),
  ]
}

/** A volume that a pod brings along has neither a claim nor a life of its own. */
function validateInline(spec: PersistentVolumeSpec, field: string): FieldError[] {
  const context = 'in the context of inline volumes'
  return [
    ...(['claimRef', 'capacity', 'nodeAffinity'] as const)
      .filter((name) => spec[name] !== undefined)
      .map((name) => fieldForbidden(`${field}.${name}`, `may not be specified ${context}`)),
    ...(spec.csi === undefined ? [fieldRequired(`${field}.csi`, `has to be specified ${context}`)] : []),
    ...(spec.persistentVolumeReclaimPolicy === 'Retain'
      ? []
      : [fieldForbidden(`${field}.persistentVolumeReclaimPolicy`, `may only be Retain ${context}`)]),
    ...validateAccessModes(spec.accessModes, `${field}.accessModes`),
    ...validateVolumeSource(spec, field),
  ]
}

const mostMetadata = 256 * 1024
const longestError = 1024

const validateStatus = ({ attachmentMetadata = {}, ...status }: Partial<VolumeAttachmentStatus> = {}): FieldError[] => [
  ...(sizeOf(Object.entries(attachmentMetadata)) > mostMetadata ? [fieldTooLong('status.attachmentMetadata', mostMetadata)] : []),
  ...(['attachError', 'detachError'] as const).flatMap((name) => {
    const { message: said = '', errorCode = 0 } = status[name] ?? {}
    return [
      ...(Buffer.byteLength(said) > longestError ? [fieldTooLong(`status.${name}.message`, mostMetadata)] : []),
      ...(errorCode < 0 ? [fieldInvalid(`status.${name}.errorCode`, errorCode, 'must be between 0 and 2147483647, inclusive')] : []),
    ]
  }),
]
