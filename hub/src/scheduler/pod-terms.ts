import { ownValue } from '@bramble/shared/own.ts'
import { labelSelectorMatches } from '@bramble/shared/meta/label-selector.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodAffinityTerm } from '@bramble/shared/types/affinity.ts'
import type { Snapshot } from './snapshot.ts'

/** Whether a term that `owner` wrote means `other`: by its labels, in the namespaces that the term names or selects, else in the owner's. */
export function meansPod(term: PodAffinityTerm, owner: Pod, other: Pod, { namespaceLabels }: Snapshot): boolean {
  const namespace = other.metadata.namespace ?? ''
  const { namespaces = [], namespaceSelector } = term
  const isAnyNamed = namespaces.length > 0 || namespaceSelector !== undefined
  const isInNamespace = isAnyNamed
    ? namespaces.includes(namespace) ||
      (namespaceSelector !== undefined && labelSelectorMatches(namespaceSelector, namespaceLabels(namespace)))
    : namespace === (owner.metadata.namespace ?? '')
  if (!isInNamespace || !labelSelectorMatches(term.labelSelector, other.metadata.labels)) return false
  const mine = owner.metadata.labels
  const theirs = other.metadata.labels
  return (
    (term.matchLabelKeys ?? []).every((key) => ownValue(mine, key) === undefined || ownValue(mine, key) === ownValue(theirs, key)) &&
    (term.mismatchLabelKeys ?? []).every((key) => ownValue(mine, key) === undefined || ownValue(mine, key) !== ownValue(theirs, key))
  )
}
