import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Taint } from '@bramble/shared/types/taint.ts'
import { runnableArchitectures } from './image-platforms.ts'
import { allocatableOf } from './resources.ts'
import type { ResourceAmounts } from './resources.ts'

/** What scheduling asks of a Node, worked out once for each version of it and not once for each pod. */
export type NodeFacts = {
  readonly node: Node
  readonly allocatable: ResourceAmounts
  /** A node that has said nothing yet is not ready. */
  readonly ready: 'True' | 'False' | 'Unknown'
  readonly isCordoned: boolean
  /** Taints that keep pods away, and those that only make the node less liked. */
  readonly hardTaints: readonly Taint[]
  readonly softTaints: readonly Taint[]
  readonly runnable: ReadonlySet<string>
  readonly nativeArchitecture: string | undefined
}

export function nodeFactsOf(node: Node): NodeFacts {
  const taints = node.spec?.taints ?? []
  return {
    node,
    allocatable: allocatableOf(node),
    ready: node.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'False',
    isCordoned: node.spec?.unschedulable === true,
    hardTaints: taints.filter(({ effect }) => effect !== 'PreferNoSchedule'),
    softTaints: taints.filter(({ effect }) => effect === 'PreferNoSchedule'),
    runnable: runnableArchitectures(node),
    nativeArchitecture: node.metadata.labels?.['kubernetes.io/arch'] ?? node.status?.nodeInfo?.architecture,
  }
}
