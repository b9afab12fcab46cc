import { invalid } from '@bramble/shared/api/api-error.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { podNameWarnings, podWarnings } from '@bramble/shared/kinds/rules/pod-warnings.ts'
import { type PodLike, unenforcedEphemeralIn, unenforcedIn, unservedEphemeralIn, unservedIn } from '@bramble/shared/kinds/rules/unserved.ts'
import { furtherSourcesOf, sourcesToldBy } from '@bramble/shared/kinds/rules/volume-sources.ts'
import type { Registry } from '../../objects/registry.ts'
import { readableObject } from '../../query/selectors.ts'
import { defineAdmission } from '../admission.ts'
import { templatesIn } from '../templates.ts'

/**
 * What no node does is refused when the pod is created, by the field, rather than ignored or found out at its start. A template that
 * asks for it is taken, as in Kubernetes, and its sender warned: its pods will be refused.
 */
export const unservedFields = defineAdmission('unserved-fields', ({ registry }) => ({
  validate({ operation, kind, object, previous, origin: { subresource }, name, warn }) {
    if (kind === pods && operation === 'UPDATE' && subresource === 'ephemeralcontainers') {
      const { spec } = object as Pod // it is of that kind, and so is what it was
      const added = addedTo(spec, (previous as Pod).spec)
      const unserved = added.flatMap((at) => unservedEphemeralIn(spec, at))
      if (unserved.length > 0) throw invalid(pods, name, unserved)
      for (const sentence of added.flatMap((at) => unenforcedEphemeralIn(spec, at))) warn?.(sentence)
      return
    }
    if (operation === 'DELETE' || subresource !== undefined || object === undefined) return
    if (kind === pods) {
      const found = operation === 'CREATE' ? unservedIn(object as Pod, { mounted: mountedFor(object as Pod, registry) }) : [] // it is of that kind
      if (found.length > 0) throw invalid(pods, name, found)
      if (operation === 'CREATE')
        for (const sentence of [...podNameWarnings(name), ...unenforcedIn(object as Pod), ...podWarnings(object as Pod)]) warn?.(sentence)
      return
    }
    const before = previous === undefined ? [] : templatesIn(previous)
    for (const { field, template } of templatesIn(object)) {
      const known = before.find((one) => one.field === field)
      if (known === undefined || !isSameJson(known.template, template))
        for (const sentence of podWarnings(template, field)) warn?.(sentence)
      for (const { field: path, message } of unservedIn(template, { field, mounted: mountedFor(template, registry) }))
        warn?.(`${path}: ${message}`)
      for (const sentence of unenforcedIn(template, field)) warn?.(sentence)
    }
  },
}))

/** Where those stand with whom somebody begins to look into the pod. */
function addedTo({ ephemeralContainers = [] }: Pod['spec'], previous: Pod['spec']): readonly number[] {
  const known = new Set(previous.ephemeralContainers?.map(({ name }) => name))
  return ephemeralContainers.flatMap(({ name }, at) => (known.has(name) ? [] : [at]))
}

/** What nodes tell that they mount beside what all do; nobody is asked for an ordinary pod. */
function mountedFor({ spec }: PodLike, registry: Registry): ReadonlySet<string> | undefined {
  if (furtherSourcesOf(spec.volumes).length === 0) return undefined
  const entries = registry.store.list(registry.prefixOf(nodes)).entries
  return new Set(entries.flatMap((entry) => sourcesToldBy(readableObject(registry, nodes, entry) ?? { metadata: {} })))
}
