import type { Node } from '@bramble/shared/kinds/node.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import type { ClusterChange } from './framework.ts'
import { emulatedArchitecturesAnnotation, imagePlatformsAnnotation } from './snapshot/image-platforms.ts'

/** What changed about a node that could let a waiting pod fit. */
export function nodeChanges(previous: Node, next: Node): readonly ClusterChange[] {
  const changes: ClusterChange[] = []
  const differs = (of: (node: Node) => unknown) => !isSameJson(of(previous), of(next))
  if (differs(({ spec }) => [spec?.taints ?? [], spec?.unschedulable === true])) changes.push('node-taints')
  if (differs(({ metadata }) => metadata.labels ?? {})) changes.push('node-labels')
  if (differs(({ status }) => status?.allocatable ?? status?.capacity)) changes.push('node-resources')
  if (differs(({ status }) => (status?.conditions ?? []).map(({ type, status }) => [type, status]))) changes.push('node-conditions')
  const images = ({ metadata: { annotations } }: Node) => [
    annotations?.[imagePlatformsAnnotation],
    annotations?.[emulatedArchitecturesAnnotation],
  ]
  if (differs(images)) changes.push('node-images')
  return changes
}
