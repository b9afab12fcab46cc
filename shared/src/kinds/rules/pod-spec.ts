import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported } from '../../api/api-error.ts'
import { checkDnsLabel, checkDnsSubdomain } from '../../meta/names.ts'
import { matcherOf } from '../../meta/label-matcher.ts'
import { type LabelSelector, selectorOf } from '../../meta/label-selector.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import type { PodTemplateSpec } from '../../types/pod-template.ts'
import { setContainerDefaults, validateContainers } from './containers.ts'
import { checked, notNegative, validateAnnotations, validateLabels, within } from './field-errors.ts'
import { validatePodDns } from './pod-dns.ts'
import { validateAffinity, validateLabelSelector, validateSpread, validateTolerations } from './scheduling.ts'
import { validatePodSecurity } from './security.ts'
import { setVolumeDefaults, validateVolumes } from './volumes.ts'

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
  return [
    ...validateVolumes(spec.volumes, `${field}.volumes`),
    ...validateContainers(spec, field),
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
    ...(spec.os?.name === 'windows' ? [fieldNotSupported(`${field}.os.name`, 'windows', ['linux'])] : []),
  ]
}

export type TemplateOwner = {
  /** The path of the template. */
  readonly field: string
  readonly template: PodTemplateSpec
  readonly selector: LabelSelector
}

/** The selector of what keeps its pods running: one that finds everything would take over pods of others. */
export const validateSelector = (selector: LabelSelector): FieldError[] =>
  selectorOf(selector).length === 0
    ? [fieldInvalid('spec.selector', selector, 'empty selector is invalid for deployment')]
    : validateLabelSelector(selector, 'spec.selector')

/** The template of what keeps its pods running (Deployment, ReplicaSet). */
export function validateTemplate({ field, template, selector }: TemplateOwner): FieldError[] {
  const { metadata, spec } = template
  return [
    ...(matcherOf(selectorOf(selector))(metadata?.labels)
      ? []
      : [fieldInvalid(`${field}.metadata.labels`, metadata?.labels ?? null, '`selector` does not match template `labels`')]),
    ...validateLabels(`${field}.labels`, metadata?.labels),
    ...validateAnnotations(`${field}.annotations`, metadata?.annotations),
    ...validatePodSpec(spec, `${field}.spec`),
    ...(spec.restartPolicy === 'Always' ? [] : [fieldNotSupported(`${field}.spec.restartPolicy`, spec.restartPolicy, ['Always'])]),
    ...(spec.activeDeadlineSeconds === undefined
      ? []
      : [fieldForbidden(`${field}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in ReplicaSet is not Supported')]),
    ...((spec.ephemeralContainers ?? []).length > 0
      ? [fieldForbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ]
}
