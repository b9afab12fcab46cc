import type { PodSpec } from '@bramble/shared/types/pod-spec.ts'

/** The user as whom all containers of a pod run, if they say so and it is one. */
export function commonUserOf({ containers, initContainers = [], ephemeralContainers = [], securityContext }: PodSpec): number | undefined {
  const users = new Set(
    [...initContainers, ...containers, ...ephemeralContainers].map((one) => one.securityContext?.runAsUser ?? securityContext.runAsUser),
  )
  return users.size === 1 ? [...users][0] : undefined
}
