import { ownValue } from '@bramble/shared/json/own.ts'
import { labelSelectorMatches } from '@bramble/shared/meta/label-selector.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodAffinityTerm } from '@bramble/shared/types/affinity.ts'
import type { PodGroup } from './pod-groups.ts'

type NamespaceLabels = { readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>> | undefined }

/** Whether a term that `owner` wrote means `other`: by its labels, in the namespaces that the term names or selects, else in the owner's. */
export function meansPod(term: PodAffinityTerm, owner: Pod, other: Pod, { namespaceLabels }: NamespaceLabels): boolean {
  const namespace = other.metadata.namespace ?? ''
  const { namespaces = [], namespaceSelector } = term
  const isInNamespace = isAnyNamed(term)
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

/** The pods that a term means. */
export const groupOf = (term: PodAffinityTerm, owner: Pod, labels: NamespaceLabels): PodGroup => ({
  key: `term ${termKey(term, owner)}`,
  namespace: isAnyNamed(term) ? undefined : (owner.metadata.namespace ?? ''),
  isByNamespaceLabels: term.namespaceSelector !== undefined,
  has: ({ pod }) => meansPod(term, owner, pod, labels),
})

/** Everything of a term and its owner by which it means one pod or another. */
export const termKey = (
  { labelSelector, namespaces, namespaceSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: PodAffinityTerm,
  { metadata: { namespace = '', labels } }: Pod,
): string =>
  JSON.stringify([
    namespace,
    labelSelector ?? null,
    namespaces ?? null,
    namespaceSelector ?? null,
    matchLabelKeys.map((key) => [key, ownValue(labels, key) ?? null]),
    mismatchLabelKeys.map((key) => [key, ownValue(labels, key) ?? null]),
  ])

const isAnyNamed = ({ namespaces = [], namespaceSelector }: PodAffinityTerm): boolean =>
  namespaces.length > 0 || namespaceSelector !== undefined
