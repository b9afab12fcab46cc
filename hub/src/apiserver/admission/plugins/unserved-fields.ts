import { fieldForbidden, fieldInvalid, invalid } from '@bramble/shared/api/api-error.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { type Namespace, namespaces } from '@bramble/shared/kinds/namespace.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { podNameWarnings, podWarnings } from '@bramble/shared/kinds/rules/pod-warnings.ts'
import { type PodLike, unenforcedIn, unservedIn } from '@bramble/shared/kinds/rules/unserved.ts'
import { furtherSourcesOf, sourcesToldBy } from '@bramble/shared/kinds/rules/volume-sources.ts'
import type { Registry } from '../../objects/registry.ts'
import { readableObject } from '../../query/selectors.ts'
import { type Admission, defineAdmission } from '../admission.ts'

/**
 * What no node does is refused when the pod is created, by the field, rather than ignored or found out at its start. A template that
 * asks for it is taken, as in Kubernetes, and its sender warned: its pods will be refused.
 */
export const unservedFields = defineAdmission('unserved-fields', ({ registry }) => ({
  validate({ operation, kind, object, previous, origin: { subresource }, name, warn }) {
    if (operation === 'DELETE' || subresource !== undefined || object === undefined) return
    if (kind === pods) {
      const found = operation === 'CREATE' ? unservedIn(object as Pod, { mounted: mountedFor(object as Pod, registry) }) : [] // it is of that kind
      const errors = found.filter(({ field }) => !mayWait(field))
      if (errors.length > 0) throw invalid(pods, name, errors)
      for (const { field, message } of found) warn?.(`${field}: ${message}`)
      if (operation === 'CREATE')
        for (const sentence of [...podNameWarnings(name), ...unenforcedIn(object as Pod), ...podWarnings(object as Pod)]) warn?.(sentence)
      return
    }
    if (kind === namespaces) return podSecurityIn(object as Namespace, { previous: previous as Namespace | undefined, name, warn }) // of that kind
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

/** Where kinds have that from which pods are made, and the place in it. */
function templatesIn(object: object): { readonly field: string; readonly template: PodLike }[] {
  type Made = { template?: PodLike; jobTemplate?: { spec?: { template?: PodLike } } }
  const { spec, template } = object as Made & { spec?: Made } // of whatever kind
  const places = [
    { field: 'spec.template', template: spec?.template },
    { field: 'spec.jobTemplate.spec.template', template: spec?.jobTemplate?.spec?.template },
    { field: 'template', template },
  ]
  return places.flatMap((place) =>
    place.template?.spec?.containers === undefined ? [] : [{ field: place.field, template: place.template }],
  )
}

/** What nodes tell that they mount beside what all do; nobody is asked for an ordinary pod. */
function mountedFor({ spec }: PodLike, registry: Registry): ReadonlySet<string> | undefined {
  if (furtherSourcesOf(spec.volumes).length === 0) return undefined
  const entries = registry.store.list(registry.prefixOf(nodes)).entries
  return new Set(entries.flatMap((entry) => sourcesToldBy(readableObject(registry, nodes, entry) ?? { metadata: {} })))
}

/**
 * Ordinary manifests ask for a token of their account, and refusing them protects nobody: such a pod waits on its node, which says why,
 * until tokens are served.
 */
const mayWait = (field: string): boolean => field.endsWith('.serviceAccountToken')

const podSecurity = 'pod-security.kubernetes.io/'
const levels: readonly string[] = ['privileged', 'baseline', 'restricted']

/**
 * The labels by which a namespace holds its pods to a standard. Pods are not held to any yet, so a namespace that says so would only look
 * safe; one that has such a label from before can still be written.
 */
function podSecurityIn(
  { metadata: { labels = {} } }: Namespace,
  { previous, name, warn }: Pick<Admission, 'name' | 'warn'> & { readonly previous: Namespace | undefined },
): void {
  for (const mode of ['enforce', 'audit', 'warn']) {
    const key = `${podSecurity}${mode}`
    const level = Object.hasOwn(labels, key) ? labels[key] : undefined
    if (level === undefined || level === 'privileged' || level === previous?.metadata.labels?.[key]) continue
    const field = `metadata.labels[${key}]`
    if (!levels.includes(level)) throw invalid(namespaces, name, [fieldInvalid(field, level, `must be one of ${levels.join(', ')}`)])
    const why = 'is not served by this version: no pod is held to it, leave it out'
    if (mode === 'enforce') throw invalid(namespaces, name, [fieldForbidden(field, why)])
    warn?.(`${field}: ${why}`)
  }
}
