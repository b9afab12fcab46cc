import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { unservedEphemeralIn, unservedIn } from '@bramble/shared/kinds/rules/unserved.ts'
import { volumePlugins } from '../volumes/all-sources.ts'

const mounted: ReadonlySet<string> = new Set(volumePlugins.map(({ source }) => source))

/** The first thing the pod asks for that this node does not do; undefined when there is none. The hub refuses such pods on creation. */
export function unsupportedIn(pod: Pod): string | undefined {
  if (pod.spec.os?.name === 'windows') return 'spec.os.name: windows is not supported on this node'
  const [found] = unservedIn(pod, { mounted })
  return found === undefined ? undefined : `${found.field}: ${found.message}`
}

/** The same of a container with which somebody looks into the pod: what it asks for in vain keeps it from starting, and not the pod. */
export function unsupportedEphemeral({ spec }: Pod, name: string): string | undefined {
  const at = spec.ephemeralContainers?.findIndex((container) => container.name === name) ?? -1
  const [found] = at === -1 ? [] : unservedEphemeralIn(spec, at)
  return found === undefined ? undefined : `${found.field}: ${found.message}`
}
