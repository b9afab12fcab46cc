import type { Pod } from '@bramble/shared/kinds/pod.ts'

/** The first thing the pod asks for that this node does not do, by its path; undefined when there is none. What we would ignore we refuse. */
export function unsupportedIn({ spec }: Pod): string | undefined {
  const found = [
    spec.runtimeClassName !== undefined && 'spec.runtimeClassName',
    spec.hostUsers === false && 'spec.hostUsers: false',
    spec.os?.name === 'windows' && 'spec.os.name: windows',
    (spec.ephemeralContainers?.length ?? 0) > 0 && 'spec.ephemeralContainers',
    (spec.resourceClaims?.length ?? 0) > 0 && 'spec.resourceClaims',
    ...[...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ name, volumeDevices, restartPolicyRules, lifecycle }) => [
      (volumeDevices?.length ?? 0) > 0 && `volumeDevices of container ${name}`,
      (restartPolicyRules?.length ?? 0) > 0 && `restartPolicyRules of container ${name}`,
      lifecycle?.stopSignal !== undefined && `lifecycle.stopSignal of container ${name}`,
    ]),
  ].find((each) => each !== false)
  return found === undefined ? undefined : `${found} is not supported on this node`
}
