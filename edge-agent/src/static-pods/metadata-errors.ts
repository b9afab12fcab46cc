import { type FieldError, fieldInvalid, fieldRequired } from '@bramble/shared/api/api-error.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName, type NameCheck } from '@bramble/shared/meta/names.ts'

/**
 * What the API would not take of the names in a manifest. Folders of this node are called after them, and a pod that the API cannot show is
 * better refused than run unseen.
 */
export function metadataErrors({ name = '', namespace, labels = {}, annotations = {} }: Partial<Pod['metadata']>): readonly FieldError[] {
  return [
    ...(name === '' ? [fieldRequired('metadata.name', 'a static pod has a name')] : complaints('metadata.name', name, checkDnsSubdomain)),
    ...(namespace === undefined ? [] : complaints('metadata.namespace', namespace, checkDnsLabel)),
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...complaints('metadata.labels', key, checkQualifiedName),
      ...complaints('metadata.labels', value, checkLabelValue),
    ]),
    // The prefix of an annotation's key may have capitals.
    ...Object.keys(annotations).flatMap((key) => complaints('metadata.annotations', key.toLowerCase(), checkQualifiedName)),
  ]
}

const complaints = (field: string, text: string, check: NameCheck): readonly FieldError[] =>
  check(text).map((complaint) => fieldInvalid(field, text, complaint))
