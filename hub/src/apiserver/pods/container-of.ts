import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'

const defaultContainer = 'kubectl.kubernetes.io/default-container'

/**
 * The container of a pod that is meant: the one that is asked for, or the only one, or, where `byAnnotation`, the one that the pod names for this. Who has to
 * choose is told between which.
 */
export function containerOf({ metadata, spec }: Pod, asked: string, { byAnnotation }: { readonly byAnnotation: boolean }): string {
  const names = spec.containers.map(({ name }) => name)
  const initNames = (spec.initContainers ?? []).map(({ name }) => name)
  const all = [...names, ...initNames, ...(spec.ephemeralContainers ?? []).map(({ name }) => name)]
  if (asked !== '') {
    if (!all.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`)
    return asked
  }
  const named = byAnnotation ? metadata.annotations?.[defaultContainer] : undefined
  if (named !== undefined && all.includes(named)) return named
  if (all.length === 1 && names[0] !== undefined) return names[0]
  const inits = initNames.length > 0 ? ` or one of the init containers: [${initNames.join(' ')}]` : ''
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]${inits}`)
}
