import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { parseQuantity } from '../../meta/quantity.ts'
import { checkDnsLabel } from '../../meta/names.ts'
import type { Volume, VolumeSource } from '../../types/volume.ts'
import { validateClaimSpec } from './claims.ts'
import { checked, required, validateAnnotations, validateLabels } from './field-errors.ts'
import { validateCsiVolume, validateFc, validateFlexOptions, validateIscsi, validateQuobyte } from './network-volumes.ts'
import { commonRules, errorsOfSource, type SourceRule } from './source-rules.ts'
import { validateDescending, validateFiles, validateItems, validateMode } from './volume-paths.ts'
import { validateProjected } from './projected-volume.ts'

type Name = keyof VolumeSource
type Rule<N extends Name> = SourceRule<NonNullable<VolumeSource[N]>>

/** In the order in which a second one is refused. */
const rules: { readonly [N in Name]-?: Rule<N> } = {
  emptyDir: {
    check: ({ sizeLimit }, field) =>
      sizeLimit !== undefined && parseQuantity(sizeLimit).nano < 0n
        ? [fieldForbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
        : [],
  },
  hostPath: commonRules.hostPath,
  gitRepo: { needs: ['repository'], check: ({ directory = '' }, field) => validateDescending(directory, `${field}.directory`) },
  gcePersistentDisk: commonRules.gcePersistentDisk,
  awsElasticBlockStore: commonRules.awsElasticBlockStore,
  secret: {
    needs: ['secretName'],
    check: ({ defaultMode, items }, field) => [
      ...validateMode(defaultMode, `${field}.defaultMode`),
      ...validateItems(items, `${field}.items`),
    ],
  },
  nfs: commonRules.nfs,
  iscsi: { needs: ['targetPortal'], check: validateIscsi },
  glusterfs: { needs: ['endpoints', 'path'] },
  persistentVolumeClaim: { needs: ['claimName'] },
  rbd: { needs: ['monitors', 'image'] },
  cinder: { needs: ['volumeID'], check: ({ secretRef }, field) => namedSecret(secretRef, field) },
  cephfs: { needs: ['monitors'] },
  flocker: { check: validateFlocker },
  downwardAPI: {
    check: ({ defaultMode, items }, field) => [...validateMode(defaultMode, `${field}.defaultMode`), ...validateFiles(items, field)],
  },
  fc: { check: validateFc },
  flexVolume: { needs: ['driver'], check: ({ options }, field) => validateFlexOptions(options, `${field}.options`) },
  configMap: {
    needs: ['name'],
    check: ({ defaultMode, items }, field) => [
      ...validateMode(defaultMode, `${field}.defaultMode`),
      ...validateItems(items, `${field}.items`),
    ],
  },
  azureFile: { needs: ['secretName', 'shareName'] },
  vsphereVolume: { needs: ['volumePath'] },
  quobyte: { check: validateQuobyte },
  azureDisk: { needs: ['diskName', 'diskURI'], check: validateAzureDisk },
  photonPersistentDisk: { needs: ['pdID'] },
  portworxVolume: { needs: ['volumeID'] },
  storageos: {
    needs: ['volumeName'],
    check: ({ volumeName = '', volumeNamespace = '', secretRef }, field) => [
      ...(volumeName === '' ? [] : checked(`${field}.volumeName`, volumeName, checkDnsLabel)),
      ...(volumeNamespace === '' ? [] : checked(`${field}.volumeNamespace`, volumeNamespace, checkDnsLabel)),
      ...namedSecret(secretRef, field),
    ],
  },
  projected: { check: validateProjected },
  scaleIO: { needs: ['gateway', 'system', 'volumeName'] },
  csi: { check: validateCsiVolume },
  ephemeral: { needs: ['volumeClaimTemplate'], check: validateEphemeral },
  image: {},
}

/** In the order in which a second one is refused. */
export const sourceNames = Object.keys(rules) as readonly Name[] // the keys of that very object

export function validateVolumeSource(volume: Volume, field: string): FieldError[] {
  const [first, ...others] = sourceNames.filter((name) => volume[name] !== undefined)
  if (first === undefined) return [fieldRequired(field, 'must specify a volume type')]
  return [
    ...errorsIn(volume, first, field),
    ...validatePortal(volume, `${field}.iscsi`),
    ...others.map((name) => fieldForbidden(`${field}.${name}`, 'may not specify more than 1 volume type')),
  ]
}

const errorsIn = <N extends Name>(volume: Volume, name: N, field: string): readonly FieldError[] =>
  // The caller has seen that it is there, and it is what the table has by that name.
  errorsOfSource(rules[name] as unknown as Rule<N>, volume[name] as NonNullable<VolumeSource[N]>, { field, name })

const namedSecret = (ref: { readonly name: string } | undefined, field: string): FieldError[] =>
  ref === undefined ? [] : required(`${field}.secretRef.name`, ref.name)

/** Both go into one name on the node. */
const validatePortal = ({ name, iscsi }: Volume, field: string): FieldError[] =>
  iscsi?.initiatorName !== undefined && Buffer.byteLength(`${name}:${iscsi.targetPortal}`) > 64
    ? [
        fieldInvalid(
          `${field}.targetPortal`,
          iscsi.targetPortal,
          'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
        ),
      ]
    : []

export function validateFlocker({ datasetName = '', datasetUUID = '' }: NonNullable<Volume['flocker']>, field: string): FieldError[] {
  return [
    ...(datasetName === '' && datasetUUID === '' ? [fieldRequired(field, 'one of datasetName and datasetUUID is required')] : []),
    ...(datasetName !== '' && datasetUUID !== ''
      ? [fieldInvalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')]
      : []),
    ...(datasetName.includes('/') ? [fieldInvalid(`${field}.datasetName`, datasetName, "must not contain '/'")] : []),
  ]
}

export function validateAzureDisk({ kind, diskURI }: NonNullable<Volume['azureDisk']>, field: string): FieldError[] {
  const managed = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
  const blob = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'
  const [start, form] = kind === 'Managed' ? (['/subscriptions/', managed] as const) : (['https://', blob] as const)
  return diskURI.startsWith(start) ? [] : [fieldNotSupported(`${field}.diskURI`, diskURI, [form])]
}

function validateEphemeral({ volumeClaimTemplate: template }: NonNullable<Volume['ephemeral']>, field: string): FieldError[] {
  if (template === undefined) return []
  const at = `${field}.volumeClaimTemplate`
  const { labels, annotations, ...others } = template.metadata ?? {}
  return [
    ...validateAnnotations(`${at}.metadata.annotations`, annotations),
    ...validateLabels(`${at}.metadata.labels`, labels),
    ...Object.entries(others)
      .filter(([name, value]) => name !== 'creationTimestamp' && value !== undefined)
      .map(([name]) => fieldForbidden(`${at}.metadata.${name}`, 'cannot be set for an ephemeral volume')),
    ...validateClaimSpec(template.spec, `${at}.spec`),
  ]
}
