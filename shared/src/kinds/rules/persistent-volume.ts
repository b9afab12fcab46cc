import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { checkDnsSubdomain } from '../../meta/names.ts'
import { parseQuantity } from '../../meta/quantity.ts'
import { type PersistentVolumeSource, persistentVolumeSource } from '../../types/persistent-volume-source.ts'
import { checked, fieldTooLong, required } from './field-errors.ts'

export const sourceNames = Object.keys(persistentVolumeSource.shape) as readonly (keyof PersistentVolumeSource)[] // the keys of that very object

/** What of each source must be given. */
const needed: Partial<Readonly<Record<keyof PersistentVolumeSource, readonly string[]>>> = {
  gcePersistentDisk: ['pdName'],
  awsElasticBlockStore: ['volumeID'],
  hostPath: ['path'],
  glusterfs: ['endpoints', 'path'],
  nfs: ['server', 'path'],
  rbd: ['monitors', 'image'],
  iscsi: ['targetPortal', 'iqn'],
  cinder: ['volumeID'],
  cephfs: ['monitors'],
  flexVolume: ['driver'],
  azureFile: ['secretName', 'shareName'],
  vsphereVolume: ['volumePath'],
  quobyte: ['registry', 'volume'],
  azureDisk: ['diskName', 'diskURI'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  storageos: ['volumeName'],
  local: ['path'],
  csi: ['driver', 'volumeHandle'],
}

/** There is one source, and what it needs is given. */
export function validateVolumeSource(source: PersistentVolumeSource, field: string): FieldError[] {
  const [first, ...others] = sourceNames.filter((name) => source[name] !== undefined)
  if (first === undefined) return [fieldRequired(field, 'must specify a volume type')]
  return [
    ...missingIn(source[first] ?? {}, needed[first] ?? [], `${field}.${first}`),
    ...validatePaths(source, field),
    ...(source.csi === undefined ? [] : validateCsi(source.csi, `${field}.csi`)),
    ...others.map((name) => fieldForbidden(`${field}.${name}`, 'may not specify more than 1 volume type')),
  ]
}

function missingIn(given: object, names: readonly string[], field: string): FieldError[] {
  const values = given as Readonly<Record<string, unknown>> // the fields of one source, whichever
  const isMissing = (value: unknown) => value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  return names.filter((name) => isMissing(values[name])).map((name) => fieldRequired(`${field}.${name}`))
}

function validatePaths({ hostPath, nfs, local }: PersistentVolumeSource, field: string): FieldError[] {
  const climbs = (path: string | undefined, name: string) =>
    path?.split('/').includes('..') === true ? [fieldInvalid(`${field}.${name}.path`, path, "must not contain '..'")] : []
  return [
    ...climbs(hostPath?.path, 'hostPath'),
    ...climbs(local?.path, 'local'),
    ...(nfs !== undefined && nfs.path !== '' && !nfs.path.startsWith('/')
      ? [fieldInvalid(`${field}.nfs.path`, nfs.path, 'must be an absolute path')]
      : []),
  ]
}

const secrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
  'nodeStageSecretRef',
] as const

function validateCsi(csi: NonNullable<PersistentVolumeSource['csi']>, field: string): FieldError[] {
  return [
    ...(csi.driver.length > 63 ? [fieldTooLong(`${field}.driver`, 63)] : []),
    ...(csi.driver === '' ? [] : checked(`${field}.driver`, csi.driver.toLowerCase(), checkDnsSubdomain)),
    ...secrets.flatMap((name) => {
      const secret = csi[name]
      if (secret === undefined) return []
      return [...required(`${field}.${name}.name`, secret.name), ...required(`${field}.${name}.namespace`, secret.namespace)]
    }),
  ]
}

/** A volume has storage and nothing else. */
export function validateCapacity(capacity: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  const names = Object.keys(capacity ?? {})
  return [
    ...(names.length === 0 ? [fieldRequired(field)] : []),
    ...(names.length === 1 && names[0] === 'storage' ? [] : [fieldNotSupported(field, capacity ?? null, ['storage'])]),
    ...Object.entries(capacity ?? {}).flatMap(([name, amount]) =>
      parseQuantity(amount).nano > 0n ? [] : [fieldInvalid(`${field}[${name}]`, amount, 'must be greater than zero')],
    ),
  ]
}
