import type { PodSpec } from '../../types/pod-spec.ts'
import type { Container } from '../../types/container.ts'

/** All containers of a pod, those too with which somebody looks into it. A name is that of one. */
export const containersOf = ({
  initContainers = [],
  containers,
  ephemeralContainers = [],
}: Pick<PodSpec, 'initContainers' | 'containers' | 'ephemeralContainers'>): readonly Container[] => [
  ...initContainers,
  ...containers,
  ...ephemeralContainers,
]
