import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { unservedIn } from '@bramble/shared/kinds/rules/unserved.ts'

/** The first thing the pod asks for that this node does not do; undefined when there is none. The hub refuses such pods on creation. */
export function unsupportedIn(pod: Pod): string | undefined {
  if (pod.spec.os?.name === 'windows') return 'spec.os.name: windows is not supported on this node'
  const [found] = unservedIn(pod)
  return found === undefined ? undefined : `${found.field}: ${found.message}`
}
