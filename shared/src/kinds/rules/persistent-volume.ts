import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { checkDnsLabel, checkDnsSubdomain } from '../../meta/names.ts'
import { parseQuantity } from '../../meta/quantity.ts'
import type { PersistentVolumeSource, SecretReference } from '../../types/persistent-volume-source.ts'
import { checked, fieldTooLong, required, within } from './field-errors.ts'
import { validateFc, validateFlexOptions, validateInitiator, validateQuobyte } from './network-volumes.ts'
import { commonRules, errorsOfSource, type SourceRule } from './source-rules.ts'
import { validateAzureDisk, validateFlocker } from './volume-source.ts'
import { withoutBackstep } from './volume-paths.ts'

type Name = keyof PersistentVolumeSource
type Source<N extends Name> = NonNullable<PersistentVolumeSource[N]>
type Rule<N extends Name> = SourceRule<Source<N>> & {
  /** What it is called as a second one. */
  readonly toldSecond?: string
}

/** In the order in which a second one is refused. */
const rules: { readonly [N in Name]-?: Rule<N> } = {
  hostPath: commonRules.hostPath,
  gcePersistentDisk: commonRules.gcePersistentDisk,
  awsElasticBlockStore: commonRules.awsElasticBlockStore,
  glusterfs: {
    needs: ['endpoints', 'path'],
    check: ({ endpointsNamespace: name }, field) => (name === undefined ? [] : validateEndpointsNamespace(name, field)),
  },
  flocker: { check: validateFlocker },
  nfs: commonRules.nfs,
  rbd: { needs: ['monitors', 'image'] },
  quobyte: { check: validateQuobyte },
  cephfs: { needs: ['monitors'], toldSecond: 'cephFS' },
  iscsi: { needs: ['targetPortal', 'iqn'], check: validateIscsi },
  cinder: { needs: ['volumeID'], check: ({ secretRef }, field) => namedSecret(secretRef, field) },
  fc: { check: validateFc },
  flexVolume: { needs: ['driver'], check: ({ options }, field) => validateFlexOptions(options, `${field}.options`) },
  azureFile: {
    needs: ['secretName', 'shareName'],
    check: ({ secretNamespace }, field) => (secretNamespace === '' ? [fieldRequired(`${field}.secretNamespace`)] : []),
  },
  vsphereVolume: { needs: ['volumePath'] },
  photonPersistentDisk: { needs: ['pdID'] },
  portworxVolume: { needs: ['volumeID'] },
  azureDisk: { needs: ['diskName', 'diskURI'], check: validateAzureDisk },
  scaleIO: { needs: ['gateway', 'system', 'volumeName'] },
  local: { needs: ['path'], check: ({ path }, field) => withoutBackstep(path, `${field}.path`) },
  storageos: {
    needs: ['volumeName'],
    check: ({ volumeName = '', volumeNamespace = '', secretRef }, field) => [
      ...(volumeName === '' ? [] : checked(`${field}.volumeName`, volumeName, checkDnsLabel)),
      ...(volumeNamespace === '' ? [] : checked(`${field}.volumeNamespace`, volumeNamespace, checkDnsLabel)),
      ...namedSecret(secretRef, field),
    ],
  },
  csi: { needs: ['driver', 'volumeHandle'], check: validateCsi },
}

export const sourceNames = Object.keys(rules) as readonly Name[] // the keys of that very object

/** There is one source, and it is as its driver needs it. Kubernetes never counted a flexVolume that comes second. */
export function validateVolumeSource(source: PersistentVolumeSource, field: string): FieldError[] {
  const [first, ...others] = sourceNames.filter((name) => source[name] !== undefined)
  if (first === undefined) return [fieldRequired(field, 'must specify a volume type')]
  return [
    ...errorsIn(source, first, field),
    ...others.flatMap((name) =>
      name === 'flexVolume'
        ? errorsIn(source, name, field)
        : [fieldForbidden(`${field}.${rules[name].toldSecond ?? name}`, 'may not specify more than 1 volume type')],
    ),
  ]
}

const errorsIn = <N extends Name>(sources: PersistentVolumeSource, name: N, field: string): readonly FieldError[] =>
  // The caller has seen that it is there, and it is what the table has by that name.
  errorsOfSource(rules[name] as unknown as Rule<N>, sources[name] as Source<N>, { field, name })

const namedSecret = (secret: SecretReference | undefined, field: string): FieldError[] =>
  secret === undefined
    ? []
    : [...required(`${field}.secretRef.name`, secret.name), ...required(`${field}.secretRef.namespace`, secret.namespace)]

const validateEndpointsNamespace = (name: string, field: string): FieldError[] =>
  name === ''
    ? [fieldInvalid(`${field}.endpointsNamespace`, name, 'if the endpointnamespace is set, it must be a valid namespace name')]
    : checked(`${field}.endpointsNamespace`, name, checkDnsLabel)

function validateIscsi(source: Source<'iscsi'>, field: string): FieldError[] {
  const { iqn = '', lun, chapAuthDiscovery, chapAuthSession, secretRef, initiatorName } = source
  return [
    ...(iqn === '' ? [] : validateInitiator(iqn, `${field}.iqn`, 'must be valid format')),
    ...within(`${field}.lun`, lun, 0, 255),
    ...((chapAuthDiscovery === true || chapAuthSession === true) && secretRef === undefined ? [fieldRequired(`${field}.secretRef`)] : []),
    ...(secretRef === undefined ? [] : required(`${field}.secretRef.name`, secretRef.name)),
    ...(initiatorName === undefined ? [] : validateInitiator(initiatorName, `${field}.initiatorname`, 'must be valid format')),
  ]
}

const secrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeStageSecretRef',
  'nodeExpandSecretRef',
] as const

function validateCsi(csi: Source<'csi'>, field: string): FieldError[] {
  return [
    ...(csi.driver.length > 63 ? [fieldTooLong(`${field}.driver`, 63)] : []),
    ...(csi.driver === '' ? [] : checked(`${field}.driver`, csi.driver.toLowerCase(), checkDnsSubdomain)),
    ...secrets.flatMap((name) => {
      const { name: secret = '', namespace = '' } = csi[name] ?? {}
      if (csi[name] === undefined) return []
      // What is missing is told with the name of the reference, what is wrong without.
      return [
        ...(secret === '' ? [fieldRequired(`${field}.${name}.name`)] : checked(`${field}.name`, secret, checkDnsSubdomain)),
        ...(namespace === '' ? [fieldRequired(`${field}.${name}.namespace`)] : checked(`${field}.namespace`, namespace, checkDnsLabel)),
      ]
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
