import type { KubeObject } from '@bramble/shared/client.ts'
import type { Kind } from '@bramble/shared/kind.ts'
import { fieldMatcher, parseFieldSelector } from '@bramble/shared/meta/field-selector.ts'
import { matches, parseSelector } from '@bramble/shared/meta/label-selector.ts'

/** What a list or a watch lets through. Undefined stands for everything, so that the text of objects need not be parsed. */
export type Selection = ((object: KubeObject) => boolean) | undefined

/** Both selectors of a query. Throws BadRequest for what cannot be parsed or selected by. */
export function selectionOf(kind: Kind, query: URLSearchParams): Selection {
  const labels = parseSelector(query.get('labelSelector') ?? '')
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '')
  if (labels.length === 0 && fields.length === 0) return undefined
  const fieldsMatch = fieldMatcher(kind, fields)
  return (object) => matches(labels, object.metadata.labels) && fieldsMatch(object)
}
