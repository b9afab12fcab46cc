import type { Volume } from '@bramble/shared/types/volume.ts'
import { type Check, containersNamed, hasOwnUsers, isWindows, namesOf, plural, quoted, sorted, whoSays } from '../check.ts'
import { typesIn } from '../profiles.ts'

const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  since: 8,
  check(pod) {
    if (isWindows(pod)) return undefined
    const names = namesOf(pod.containers.filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false))
    return names.length === 0
      ? undefined
      : {
          reason: 'allowPrivilegeEscalation != false',
          detail: `${containersNamed(names)} must set securityContext.allowPrivilegeEscalation=false`,
        }
  },
}

const capabilities: Check = {
  id: 'capabilities_restricted',
  level: 'restricted',
  since: 22,
  instead: 'capabilities_baseline',
  check(pod) {
    if (isWindows(pod)) return undefined
    const { containers } = pod
    const added = ({ securityContext }: (typeof containers)[number]) =>
      (securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE')
    const keeping = namesOf(containers.filter(({ securityContext }) => securityContext?.capabilities?.drop?.includes('ALL') !== true))
    const adding = namesOf(containers.filter((one) => added(one).length > 0))
    const details = [
      ...(keeping.length > 0 ? [`${containersNamed(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
      ...(adding.length > 0
        ? [`${containersNamed(adding)} must not include ${quoted(sorted(containers.flatMap(added)))} in securityContext.capabilities.add`]
        : []),
    ]
    return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
  },
}

const plainSources: readonly (keyof Volume)[] = [
  ...(['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral'] as const),
  ...(['persistentVolumeClaim', 'projected', 'secret'] as const),
]

const volumes: Check = {
  id: 'restrictedVolumes',
  level: 'restricted',
  instead: 'hostPathVolumes',
  check({ spec }) {
    const bad = (spec.volumes ?? []).filter((volume) => plainSources.every((source) => volume[source] === undefined))
    if (bad.length === 0) return undefined
    const typeOf = (volume: Volume) =>
      Object.entries(volume).find(([field, source]) => field !== 'name' && source !== undefined)?.[0] ?? 'unknown'
    const types = sorted(bad.map(typeOf))
    const what = plural('restricted volume type', 'restricted volume types', types.length)
    return {
      reason: 'restricted volume types',
      detail: `${plural('volume', 'volumes', bad.length)} ${quoted(namesOf(bad))} ${plural('uses', 'use', bad.length)} ${what} ${quoted(types)}`,
    }
  },
}

const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  level: 'restricted',
  check(pod) {
    if (hasOwnUsers(pod)) return undefined
    const { spec, containers } = pod
    const ofPod = spec.securityContext.runAsNonRoot
    const who = whoSays(ofPod === false, namesOf(containers.filter(({ securityContext }) => securityContext?.runAsNonRoot === false)))
    const reason = 'runAsNonRoot != true'
    if (who !== undefined) return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` }
    const open = ofPod === true ? [] : namesOf(containers.filter(({ securityContext }) => securityContext?.runAsNonRoot === undefined))
    return open.length === 0 ? undefined : { reason, detail: `pod or ${containersNamed(open)} must set securityContext.runAsNonRoot=true` }
  },
}

const runAsUser: Check = {
  id: 'runAsUser',
  level: 'restricted',
  since: 23,
  check(pod) {
    if (hasOwnUsers(pod)) return undefined
    const who = whoSays(
      pod.spec.securityContext.runAsUser === 0,
      namesOf(pod.containers.filter(({ securityContext }) => securityContext?.runAsUser === 0)),
    )
    return who === undefined ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` }
  },
}

const seccompProfile: Check = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  since: 19,
  instead: 'seccompProfile_baseline',
  check(pod) {
    if (isWindows(pod)) return undefined
    const reason = 'seccompProfile'
    const { isPod, names, types } = typesIn(pod, 'seccompProfile', (type) => type === 'Unconfined')
    const who = whoSays(isPod, names)
    if (who !== undefined) return { reason, detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}` }
    if (pod.spec.securityContext.seccompProfile !== undefined) return undefined
    const open = namesOf(pod.containers.filter(({ securityContext }) => securityContext?.seccompProfile === undefined))
    return open.length === 0
      ? undefined
      : {
          reason,
          detail: `pod or ${containersNamed(open)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
        }
  },
}

/** What only the strictest level asks for. */
export const restrictedChecks: readonly Check[] = [allowPrivilegeEscalation, capabilities, volumes, runAsNonRoot, runAsUser, seccompProfile]
