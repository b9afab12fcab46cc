import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import type { Container } from '../../types/container.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import type { VolumeMount } from '../../types/volume-mount.ts'
import { fieldNotFound } from './field-errors.ts'
import { validateDescending, withoutBackstep } from './volume-paths.ts'

type Mounting = Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>

export function validateMounts(container: Mounting, field: string, { volumes = [] }: PodSpec): FieldError[] {
  const { volumeMounts = [], volumeDevices = [], securityContext } = container
  const names = new Set(volumes.map(({ name }) => name))
  const devices = new Set(volumeDevices.map(({ name }) => name))
  const devicePaths = new Set(volumeDevices.map(({ devicePath }) => devicePath))
  const paths = new Set<string>()
  return volumeMounts.flatMap((mount, i) => {
    const { name, mountPath, subPath = '', subPathExpr = '' } = mount
    const at = `${field}[${i}]`
    const isTaken = paths.has(mountPath)
    paths.add(mountPath)
    return [
      ...(name === '' ? [fieldRequired(`${at}.name`)] : []),
      ...(names.has(name) ? [] : [fieldNotFound(`${at}.name`, name)]),
      ...(mountPath === '' ? [fieldRequired(`${at}.mountPath`)] : []),
      ...(isTaken ? [fieldInvalid(`${at}.mountPath`, mountPath, 'must be unique')] : []),
      ...(devices.has(name) ? [fieldInvalid(`${at}.name`, name, 'must not already exist in volumeDevices')] : []),
      ...(devicePaths.has(mountPath)
        ? [fieldInvalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices')]
        : []),
      // Kubernetes tells these without their place in the list.
      ...(subPath === '' ? [] : validateDescending(subPath, `${field}.subPath`)),
      ...(subPathExpr !== '' && subPath !== ''
        ? [fieldInvalid(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive')]
        : []),
      ...(subPathExpr === '' ? [] : validateDescending(subPathExpr, `${field}.subPathExpr`)),
      ...validatePropagation(mount, `${field}.mountPropagation`, securityContext?.privileged === true),
      ...validateRecursion(mount, `${at}.recursiveReadOnly`),
    ]
  })
}

const propagations = ['Bidirectional', 'HostToContainer', 'None']

/** What such a container mounts appears on the node. */
function validatePropagation({ mountPropagation }: VolumeMount, field: string, isPrivileged: boolean): FieldError[] {
  if (mountPropagation === undefined) return []
  if (!propagations.includes(mountPropagation)) return [fieldNotSupported(field, mountPropagation, propagations)]
  return mountPropagation === 'Bidirectional' && !isPrivileged
    ? [fieldForbidden(field, 'Bidirectional mount propagation is available only to privileged containers')]
    : []
}

function validateRecursion({ recursiveReadOnly, readOnly, mountPropagation = 'None' }: VolumeMount, field: string): FieldError[] {
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible') return []
  return [
    ...(readOnly === true ? [] : [fieldForbidden(field, 'may only be specified when readOnly is true')]),
    ...(mountPropagation === 'None' ? [] : [fieldForbidden(field, 'may only be specified when mountPropagation is None or not specified')]),
  ]
}

export function validateDevices(container: Mounting, field: string, { volumes = [] }: PodSpec): FieldError[] {
  const { volumeMounts = [], volumeDevices = [] } = container
  const byName = new Map(volumes.map((volume) => [volume.name, volume]))
  const mounted = new Set(volumeMounts.map(({ name }) => name))
  const mountPaths = new Set(volumeMounts.map(({ mountPath }) => mountPath))
  const names = new Set<string>()
  const paths = new Set<string>()
  return volumeDevices.flatMap(({ name, devicePath }, i) => {
    const at = `${field}[${i}]`
    const volume = byName.get(name)
    const isBlock = volume?.persistentVolumeClaim !== undefined || volume?.ephemeral !== undefined
    const climbs = devicePath !== '' && withoutBackstep(devicePath, at).length > 0
    const errors = [
      ...(name === '' ? [fieldRequired(`${at}.name`)] : []),
      ...(names.has(name) ? [fieldInvalid(`${at}.name`, name, 'must be unique')] : []),
      ...(volume !== undefined && !isBlock
        ? [fieldInvalid(`${at}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode')]
        : []),
      ...(volume === undefined ? [fieldNotFound(`${at}.name`, name)] : []),
      ...(devicePath === '' ? [fieldRequired(`${at}.devicePath`)] : []),
      ...(paths.has(devicePath) ? [fieldInvalid(`${at}.devicePath`, devicePath, 'must be unique')] : []),
      ...(climbs ? [fieldInvalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')")] : []),
      ...(mounted.has(name) ? [fieldInvalid(`${at}.name`, name, 'must not already exist in volumeMounts')] : []),
      ...(mountPaths.has(devicePath)
        ? [fieldInvalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts')]
        : []),
    ]
    if (!climbs) paths.add(devicePath)
    if (name !== '') names.add(name)
    return errors
  })
}
