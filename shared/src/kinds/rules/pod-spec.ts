import { type FieldError, fieldNotSupported } from '../../api/api-error.ts'
import { checkDnsLabel, checkDnsSubdomain } from '../../meta/names.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import { setContainerDefaults, validateContainers } from './containers.ts'
import { validateEphemeralContainers } from './ephemeral-containers.ts'
import { checked, notNegative, validateLabels, within } from './field-errors.ts'
import { validatePodDns } from './pod-dns.ts'
import { validateGates } from './pod-gates.ts'
import { validateResources } from './resources.ts'
import { validateAffinity, validateSpread, validateTolerations } from './scheduling.ts'
import { validatePodSecurity } from './security.ts'
import { checkVolumes, setVolumeDefaults } from './volumes.ts'

export function setPodSpecDefaults(spec: PodSpec): void {
  setVolumeDefaults(spec.volumes)
  for (const container of [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])])
    setContainerDefaults(container)
  // `serviceAccount` is the old name of `serviceAccountName`; both are written, as readers of either exist.
  const account = spec.serviceAccountName || spec.serviceAccount
  if (account !== undefined && account !== '') {
    spec.serviceAccountName = account
    spec.serviceAccount = account
  }
}

export function validatePodSpec(spec: PodSpec, field: string): FieldError[] {
  const { nodeName = '', serviceAccountName = '', hostname = '', subdomain = '', priorityClassName = '' } = spec
  const volumes = checkVolumes(spec.volumes, `${field}.volumes`)
  const mountable = { ...spec, volumes: [...volumes.good] }
  return [
    ...volumes.errors,
    ...validateContainers(mountable, field),
    ...validateEphemeralContainers(mountable, `${field}.ephemeralContainers`),
    ...validateLabels(`${field}.nodeSelector`, spec.nodeSelector),
    ...(nodeName === '' ? [] : checked(`${field}.nodeName`, nodeName, checkDnsSubdomain)),
    ...(serviceAccountName === '' ? [] : checked(`${field}.serviceAccountName`, serviceAccountName, checkDnsSubdomain)),
    ...(hostname === '' ? [] : checked(`${field}.hostname`, hostname, checkDnsLabel)),
    ...(spec.hostnameOverride === undefined ? [] : checked(`${field}.hostnameOverride`, spec.hostnameOverride, checkDnsSubdomain)),
    ...(subdomain === '' ? [] : checked(`${field}.subdomain`, subdomain, checkDnsLabel)),
    ...(priorityClassName === '' ? [] : checked(`${field}.priorityClassName`, priorityClassName, checkDnsSubdomain)),
    ...notNegative(`${field}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds),
    ...within(`${field}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, 2 ** 31 - 1),
    ...validatePodDns(spec, field),
    ...validateAffinity(spec.affinity, `${field}.affinity`),
    ...validateTolerations(spec.tolerations, `${field}.tolerations`),
    ...validateSpread(spec.topologySpreadConstraints, `${field}.topologySpreadConstraints`),
    ...validatePodSecurity(spec, field),
    ...(spec.runtimeClassName === undefined ? [] : checked(`${field}.runtimeClassName`, spec.runtimeClassName, checkDnsSubdomain)),
    ...(spec.overhead === undefined ? [] : validateResources({ limits: spec.overhead }, `${field}.overhead`)),
    ...validateGates(spec, field),
    ...(spec.os?.name === 'windows' ? [fieldNotSupported(`${field}.os.name`, 'windows', ['linux'])] : []),
  ]
}
