import type { PodSpec } from '../../types/pod-spec.ts'

/** What the volume is called by which a pod is shown its token; five characters follow. */
export const tokenVolumePrefix = 'kube-api-access-'

export const tokenVolumeOf = ({ volumes }: Pick<PodSpec, 'volumes'>) => volumes?.find(({ name }) => name.startsWith(tokenVolumePrefix))

/** Who speaks of it means to change it, and is told what is wrong with that. */
const mentions = ({ initContainers = [], containers }: PodSpec, name: string): boolean =>
  [...initContainers, ...containers].some(({ volumeMounts = [] }) => volumeMounts.some((mount) => mount.name === name))

/** A pod that is written as it was posted keeps the volume that it was given then, with its mounts. */
export function keepTokenVolume(next: PodSpec, previous: PodSpec): void {
  const given = tokenVolumeOf(previous)
  if (given === undefined || tokenVolumeOf(next) !== undefined || mentions(next, given.name)) return
  next.volumes = [...(next.volumes ?? []), structuredClone(given)]
  for (const list of ['initContainers', 'containers'] as const)
    for (const container of next[list] ?? []) {
      const before = previous[list]?.find(({ name }) => name === container.name)
      const mounts = before?.volumeMounts?.filter(({ name }) => name === given.name) ?? []
      if (mounts.length > 0) container.volumeMounts = [...(container.volumeMounts ?? []), ...structuredClone(mounts)]
    }
}
