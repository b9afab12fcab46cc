import { type FieldError, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkDnsSubdomain } from '../../meta/names.ts'
import type { Volume } from '../../types/volume.ts'
import { checked, fieldTooLong, required, within } from './field-errors.ts'

type Source<N extends keyof Volume> = NonNullable<Volume[N]>

export function validateIscsi(source: Source<'iscsi'>, field: string): FieldError[] {
  const { iqn, lun, chapAuthDiscovery, chapAuthSession, secretRef, initiatorName } = source
  return [
    ...(iqn === '' ? [fieldRequired(`${field}.iqn`)] : validateInitiator(iqn, `${field}.iqn`)),
    ...within(`${field}.lun`, lun, 0, 255),
    ...((chapAuthDiscovery === true || chapAuthSession === true) && secretRef === undefined ? [fieldRequired(`${field}.secretRef`)] : []),
    ...(secretRef === undefined ? [] : required(`${field}.secretRef.name`, secretRef.name)),
    ...(initiatorName === undefined ? [] : validateInitiator(initiatorName, `${field}.initiatorname`)),
  ]
}

const initiators: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
}

export function validateInitiator(name: string, field: string, form = 'must be valid format starting with iqn, eui, or naa'): FieldError[] {
  const pattern = initiators[name.slice(0, 3)]
  if (pattern === undefined) return [fieldInvalid(field, name, form)]
  return pattern.test(name) ? [] : [fieldInvalid(field, name, 'must be valid format')]
}

export function validateFc({ targetWWNs = [], wwids = [], lun }: Source<'fc'>, field: string): FieldError[] {
  const names = `${field}.targetWWNs`
  if (targetWWNs.length === 0)
    return wwids.length > 0 ? [] : [fieldRequired(names, 'must specify either targetWWNs or wwids, but not both')]
  return [
    ...(wwids.length > 0 ? [fieldInvalid(names, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')] : []),
    ...(lun === undefined
      ? [fieldRequired(`${field}.lun`, 'lun is required if targetWWNs is specified')]
      : within(`${field}.lun`, lun, 0, 255)),
  ]
}

export function validateQuobyte({ registry, tenant = '', volume }: Source<'quobyte'>, field: string): FieldError[] {
  const form = 'must be a host:port pair or multiple pairs separated by commas'
  const errors = registry === '' ? [fieldRequired(`${field}.registry`, form)] : []
  if (registry !== '' && tenant.length >= 65)
    errors.push(fieldRequired(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'))
  else if (registry !== '')
    for (const pair of registry.split(','))
      if (!/^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair)) errors.push(fieldInvalid(`${field}.registry`, registry, form))
  return [...errors, ...required(`${field}.volume`, volume)]
}

export const validateFlexOptions = (options: Readonly<Record<string, string>> = {}, field: string): FieldError[] =>
  Object.keys(options)
    .filter((key) =>
      /\.(kubernetes|k8s)\.io$/.test(`.${key.split('/', 2).length === 2 ? key.slice(0, key.indexOf('/')) : key}`.toLowerCase()),
    )
    .map((key) => fieldInvalid(`${field}[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'))

export function validateCsiVolume({ driver, nodePublishSecretRef: secret }: Source<'csi'>, field: string): FieldError[] {
  return [
    ...required(`${field}.driver`, driver),
    ...(driver.length > 63 ? [fieldTooLong(`${field}.driver`, 63)] : []),
    ...checkDnsSubdomain(driver.toLowerCase()).map((complaint) => fieldInvalid(`${field}.driver`, driver, complaint)),
    ...(secret === undefined
      ? []
      : secret.name === ''
        ? [fieldRequired(`${field}.nodePublishSecretRef.name`)]
        : checked(`${field}.name`, secret.name, checkDnsSubdomain)),
  ]
}
