import { type FieldError, fieldDuplicate, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import type { Container } from '../../types/container.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import type { AppArmorProfile, SeccompProfile } from '../../types/security-context.ts'
import { duplicatesOf, fieldTooLong, within } from './field-errors.ts'
import { validateDescending } from './volume-paths.ts'
import { validateWindows } from './windows.ts'

const mostId = 2 ** 31 - 1

export function validatePodSecurity({ securityContext, shareProcessNamespace, hostPID, ...spec }: PodSpec, field: string): FieldError[] {
  const at = `${field}.securityContext`
  const { supplementalGroups = [], sysctls = [] } = securityContext
  const names = sysctls.map(({ name }) => name)
  return [
    ...within(`${at}.runAsUser`, securityContext.runAsUser, 0, mostId),
    ...within(`${at}.runAsGroup`, securityContext.runAsGroup, 0, mostId),
    ...within(`${at}.fsGroup`, securityContext.fsGroup, 0, mostId),
    ...supplementalGroups.flatMap((group, i) => within(`${at}.supplementalGroups[${i}]`, group, 0, mostId)),
    ...(shareProcessNamespace === true && hostPID === true
      ? [fieldInvalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')]
      : []),
    ...validateSeccomp(securityContext.seccompProfile, `${at}.seccompProfile`),
    ...validateAppArmor(securityContext.appArmorProfile, `${at}.appArmorProfile`),
    ...validateWindows(securityContext.windowsOptions, `${at}.windowsOptions`),
    ...names.flatMap((name, i) => validateSysctl(name, `${at}.sysctls[${i}].name`, spec)),
    ...duplicatesOf(names).map((i) => fieldDuplicate(`${at}.sysctls[${i}].name`, names[i])),
  ]
}

export function validateContainerSecurity({ securityContext }: Container, field: string): FieldError[] {
  const at = `${field}.securityContext`
  const { privileged, allowPrivilegeEscalation, capabilities } = securityContext ?? {}
  const escalates = (what: string) => fieldInvalid(at, securityContext, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`)
  return [
    ...within(`${at}.runAsUser`, securityContext?.runAsUser, 0, mostId),
    ...within(`${at}.runAsGroup`, securityContext?.runAsGroup, 0, mostId),
    ...validateSeccomp(securityContext?.seccompProfile, `${at}.seccompProfile`),
    ...validateAppArmor(securityContext?.appArmorProfile, `${at}.appArmorProfile`),
    ...validateWindows(securityContext?.windowsOptions, `${at}.windowsOptions`),
    ...(privileged === true && allowPrivilegeEscalation === false ? [escalates('`privileged` to true')] : []),
    ...(allowPrivilegeEscalation === false && capabilities?.add?.includes('CAP_SYS_ADMIN') === true
      ? [escalates('`capabilities.Add` CAP_SYS_ADMIN')]
      : []),
  ]
}

function validateSeccomp(profile: SeccompProfile | undefined, field: string): FieldError[] {
  if (profile === undefined) return []
  const { type, localhostProfile } = profile
  if ((type as string) === '') return [fieldRequired(`${field}.type`, 'type is required when seccompProfile is set')] // read in doubt
  if (type === 'Localhost' && localhostProfile !== undefined && localhostProfile !== '')
    return validateDescending(localhostProfile, `${field}.localhostProfile`)
  if (type === 'Localhost')
    return localhostProfile === undefined || localhostProfile === ''
      ? [fieldRequired(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost')]
      : []
  return localhostProfile === undefined
    ? []
    : [fieldInvalid(`${field}.localhostProfile`, localhostProfile, 'can only be set when seccomp type is Localhost')]
}

function validateAppArmor(profile: AppArmorProfile | undefined, field: string): FieldError[] {
  if (profile === undefined) return []
  const { type, localhostProfile } = profile
  const name = `${field}.localhostProfile`
  if ((type as string) === '') return [fieldRequired(`${field}.type`, 'type is required when appArmorProfile is set')] // read in doubt
  if (type !== 'Localhost')
    return localhostProfile === undefined ? [] : [fieldInvalid(name, localhostProfile, 'can only be set when AppArmor type is Localhost')]
  const text = localhostProfile ?? ''
  return [
    ...(text === text.trim() ? [] : [fieldInvalid(name, text, 'must not be padded with whitespace')]),
    ...(text.trim() === '' ? [fieldRequired(name, 'must be set when AppArmor type is Localhost')] : []),
    ...(Buffer.byteLength(text) > longestPath ? [fieldTooLong(name, longestPath)] : []),
  ]
}

/** PATH_MAX without its end. */
const longestPath = 4095

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const sysctlName = `(${segment}[\\./])*${segment}`
const sysctlPattern = new RegExp(`^${sysctlName}$`)

/** A namespace that the pod shares with its node is the node's to set up. */
function validateSysctl(name: string, field: string, { hostNetwork, hostIPC }: Pick<PodSpec, 'hostNetwork' | 'hostIPC'>): FieldError[] {
  if (name === '') return [fieldRequired(field)]
  if (name.length > 253 || !sysctlPattern.test(name))
    return [fieldInvalid(field, name, `must have at most 253 characters and match regex ^${sysctlName}$`)]
  const dotted = dottedName(name)
  if (hostNetwork === true && dotted.startsWith('net.'))
    return [fieldInvalid(field, name, "may not be specified when 'hostNetwork' is true")]
  if (hostIPC === true && /^(kernel\.(shm|msg)|kernel\.sem$|fs\.mqueue\.)/.test(dotted))
    return [fieldInvalid(field, name, "may not be specified when 'hostIPC' is true")]
  return []
}

/** sysctl(8): whichever of dot and slash comes first is what separates. */
const dottedName = (name: string): string => (/^[^./]*\//.test(name) ? name.replaceAll('/', '.') : name)
