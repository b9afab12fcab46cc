import { appArmorPrefix } from '@bramble/shared/kinds/rules/pod-annotations.ts'
import type { SELinuxOptions } from '@bramble/shared/types/security-context.ts'
import { type Check, containersNamed, hasOwnUsers, namesOf, plural, quoted, sorted, whoSays } from '../check.ts'
import { seccompAnnotations, typesIn } from '../profiles.ts'

const appArmorProfile: Check = {
  id: 'appArmorProfile',
  level: 'baseline',
  check(pod) {
    const { isPod, names, types } = typesIn(pod, 'appArmorProfile', (type) => type === 'Unconfined')
    const annotated = Object.entries(pod.annotations)
      .filter(([key, value]) => key.startsWith(appArmorPrefix) && !/^$|^runtime\/default$|^localhost\//.test(value))
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    const fields = whoSays(isPod, names)
    if (fields === undefined && annotated.length === 0) return undefined
    const values = [...types, ...sorted(annotated)]
    const who = [
      ...(fields === undefined ? [] : [fields]),
      ...(annotated.length === 0 ? [] : [plural('annotation', 'annotations', annotated.length)]),
    ]
    return {
      reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
      detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
    }
  },
}

const usualCapabilities: ReadonlySet<string> = new Set([
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
])

const capabilities: Check = {
  id: 'capabilities_baseline',
  level: 'baseline',
  check({ containers }) {
    const unusual = ({ securityContext }: (typeof containers)[number]) =>
      (securityContext?.capabilities?.add ?? []).filter((name) => !usualCapabilities.has(name))
    const names = namesOf(containers.filter((one) => unusual(one).length > 0))
    return names.length === 0
      ? undefined
      : {
          reason: 'non-default capabilities',
          detail: `${containersNamed(names)} must not include ${quoted(sorted(containers.flatMap(unusual)))} in securityContext.capabilities.add`,
        }
  },
}

const privileged: Check = {
  id: 'privileged',
  level: 'baseline',
  check({ containers }) {
    const names = namesOf(containers.filter(({ securityContext }) => securityContext?.privileged === true))
    return names.length === 0
      ? undefined
      : { reason: 'privileged', detail: `${containersNamed(names)} must not set securityContext.privileged=true` }
  },
}

const procMount: Check = {
  id: 'procMount',
  level: 'baseline',
  check(pod) {
    if (hasOwnUsers(pod)) return undefined
    const bad = pod.containers.filter(({ securityContext }) => (securityContext?.procMount ?? 'Default') !== 'Default')
    return bad.length === 0
      ? undefined
      : {
          reason: 'procMount',
          detail: `${containersNamed(namesOf(bad))} must not set securityContext.procMount to ${quoted(sorted(bad.map((one) => `${one.securityContext?.procMount}`)))}`,
        }
  },
}

const seccompProfile: Check = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  check(pod) {
    if (pod.minor < 19) return seccompAnnotations(pod)
    const { isPod, names, types } = typesIn(pod, 'seccompProfile', (type) => type === 'Unconfined')
    const who = whoSays(isPod, names)
    return who === undefined
      ? undefined
      : { reason: 'seccompProfile', detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}` }
  },
}

const selinuxTypes: readonly string[] = ['', 'container_t', 'container_init_t', 'container_kvm_t']

const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  level: 'baseline',
  check({ spec, containers, minor }) {
    const isOfType = (type: string) => selinuxTypes.includes(type) || (type === 'container_engine_t' && minor >= 31)
    const isBad = ({ type = '', user = '', role = '' }: SELinuxOptions) => !isOfType(type) || user !== '' || role !== ''
    const all = [spec, ...containers].flatMap(({ securityContext }) => securityContext?.seLinuxOptions ?? [])
    const isPod = isBad(spec.securityContext.seLinuxOptions ?? {})
    const who = whoSays(isPod, namesOf(containers.filter((one) => isBad(one.securityContext?.seLinuxOptions ?? {}))))
    if (who === undefined) return undefined
    const types = sorted(all.map(({ type = '' }) => type).filter((type) => !isOfType(type)))
    const why = [
      ...(types.length > 0 ? [`${plural('type', 'types', types.length)} ${quoted(types)}`] : []),
      ...(all.some(({ user = '' }) => user !== '') ? ['user may not be set'] : []),
      ...(all.some(({ role = '' }) => role !== '') ? ['role may not be set'] : []),
    ]
    return { reason: 'seLinuxOptions', detail: `${who} set forbidden securityContext.seLinuxOptions: ${why.join('; ')}` }
  },
}

/** Each of them is the pod's own, and since when it counts as harmless. */
const safeSysctls: Readonly<Record<string, number>> = {
  'kernel.shm_rmid_forced': 0,
  'net.ipv4.ip_local_port_range': 0,
  'net.ipv4.tcp_syncookies': 0,
  'net.ipv4.ping_group_range': 0,
  'net.ipv4.ip_unprivileged_port_start': 0,
  'net.ipv4.ip_local_reserved_ports': 27,
  'net.ipv4.tcp_keepalive_time': 29,
  'net.ipv4.tcp_fin_timeout': 29,
  'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_rmem': 32,
  'net.ipv4.tcp_wmem': 32,
}

const sysctls: Check = {
  id: 'sysctls',
  level: 'baseline',
  check({ spec, minor }) {
    const isSafe = (name: string) => Object.hasOwn(safeSysctls, name) && (safeSysctls[name] ?? Infinity) <= minor
    const bad = namesOf(spec.securityContext.sysctls ?? []).filter((name) => !isSafe(name))
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') }
  },
}

/** What holds a process in its container. */
export const confinementChecks: readonly Check[] = [
  ...[appArmorProfile, capabilities, privileged, procMount, seccompProfile, seLinuxOptions, sysctls],
]
