import { notFound } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import type { Labels } from '@bramble/shared/meta/label-matcher.ts'
import { type LabelSelector, labelSelectorMatches } from '@bramble/shared/meta/label-selector.ts'
import type { Registry } from '../../objects/registry.ts'
import { readableObject } from '../../query/selectors.ts'
import type { Question } from './question.ts'

export const isEmpty = ({ matchLabels, matchExpressions }: LabelSelector): boolean =>
  Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0

/** Old and new are looked at: who takes his label away does not get away with it. What has no metadata (options of a connection) is selected by none. */
export const objectIsSelected = (selector: LabelSelector, { object, oldObject }: Question): boolean =>
  isEmpty(selector) || hasLabels(selector, object) || hasLabels(selector, oldObject)

const hasLabels = (selector: LabelSelector, object: KubeObject | undefined): boolean =>
  object?.metadata !== undefined && labelSelectorMatches(selector, object.metadata.labels)

/** What is in no namespace is exempt from no selector. Throws 404 where the namespace is gone. */
export function namespaceIsSelected(registry: Registry, selector: LabelSelector, question: Question): boolean {
  if (isEmpty(selector)) return true
  if (question.namespace === '' && question.kind !== namespaces) return true
  return labelSelectorMatches(selector, namespaceLabels(registry, question))
}

/** Those that a Namespace will have, if it is what is written. */
function namespaceLabels(registry: Registry, { kind, operation, subresource, object, namespace }: Question): Labels | undefined {
  if (kind === namespaces && subresource === '' && operation !== 'DELETE') return object?.metadata.labels
  const found = namespaceNamed(registry, namespace)
  if (found === undefined) throw notFound(namespaces, namespace)
  return found.metadata.labels
}

export function namespaceNamed(registry: Registry, name: string) {
  const entry = registry.find(namespaces, undefined, name)
  return entry === undefined ? undefined : readableObject(registry, namespaces, entry)
}
