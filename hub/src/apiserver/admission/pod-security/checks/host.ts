import type { LifecycleHandler } from '@bramble/shared/types/lifecycle.ts'
import type { Probe } from '@bramble/shared/types/probe.ts'
import { type Check, containersNamed, namesOf, plural, quoted, sorted, whoSays } from '../check.ts'

const hostNamespaces: Check = {
  id: 'hostNamespaces',
  level: 'baseline',
  check({ spec: { hostIPC, hostNetwork, hostPID } }) {
    const shared = Object.entries({ hostIPC, hostNetwork, hostPID }).flatMap(([name, isShared]) =>
      isShared === true ? [`${name}=true`] : [],
    )
    return shared.length === 0 ? undefined : { reason: 'host namespaces', detail: shared.join(', ') }
  },
}

const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  level: 'baseline',
  check({ spec }) {
    const names = namesOf((spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined))
    return names.length === 0
      ? undefined
      : { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)}` }
  },
}

const hostPorts: Check = {
  id: 'hostPorts',
  level: 'baseline',
  check({ containers }) {
    const portsOf = ({ ports = [] }: (typeof containers)[number]) =>
      ports.flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [`${hostPort}`]))
    const names = namesOf(containers.filter((one) => portsOf(one).length > 0))
    if (names.length === 0) return undefined
    const ports = sorted(containers.flatMap(portsOf))
    return {
      reason: 'hostPort',
      detail: `${containersNamed(names)} ${plural('uses', 'use', names.length)} ${plural('hostPort', 'hostPorts', ports.length)} ${ports.join(', ')}`,
    }
  },
}

/** By a probe or a hook of another host a pod has its node ask somebody for it. */
const hostProbesAndHostLifecycle: Check = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  since: 34,
  check({ containers }) {
    const hostsOf = (asks: Probe | LifecycleHandler | undefined) =>
      [asks?.httpGet?.host, asks?.tcpSocket?.host].filter((host) => host !== undefined && host !== '') as string[] // filtered
    const hostsIn = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: (typeof containers)[number]) =>
      [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hostsOf)
    const names = sorted(namesOf(containers.filter((one) => hostsIn(one).length > 0)))
    if (names.length === 0) return undefined
    const hosts = sorted(containers.flatMap(hostsIn))
    const what = plural('probe or lifecycle host', 'probe or lifecycle hosts', hosts.length)
    return {
      reason: 'probe or lifecycle host',
      detail: `${containersNamed(names)} ${plural('uses', 'use', names.length)} ${what} ${quoted(hosts)}`,
    }
  },
}

const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  level: 'baseline',
  check({ spec, containers }) {
    const isHost = (context?: { readonly windowsOptions?: { readonly hostProcess?: boolean } }) =>
      context?.windowsOptions?.hostProcess === true
    const who = whoSays(isHost(spec.securityContext), namesOf(containers.filter((one) => isHost(one.securityContext))))
    return who === undefined
      ? undefined
      : { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` }
  },
}

/** What of the node a pod may see or use. */
export const hostChecks: readonly Check[] = [hostNamespaces, hostPathVolumes, hostPorts, hostProbesAndHostLifecycle, windowsHostProcess]
