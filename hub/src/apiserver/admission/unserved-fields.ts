import { invalid } from '@bramble/shared/api-error.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { type PodLike, unenforcedIn, unservedIn } from '@bramble/shared/kinds/rules/unserved.ts'
import type { AdmissionPlugin } from './admission.ts'

/**
 * What no node does is refused when the pod is created, by the field, rather than ignored or found out at its start. A template that
 * asks for it is taken, as in Kubernetes, and its sender warned: its pods will be refused.
 */
export const unservedFields: AdmissionPlugin = {
  name: 'unserved-fields',
  admit({ operation, kind, object, subresource, name, warn }) {
    if (operation === 'DELETE' || subresource !== undefined || object === undefined) return
    if (kind === pods) {
      const found = operation === 'CREATE' ? unservedIn(object as Pod) : [] // it is of that kind
      const errors = found.filter(({ field }) => !mayWait(field))
      if (errors.length > 0) throw invalid(pods, name, errors)
      for (const { field, message } of found) warn?.(`${field}: ${message}`)
      if (operation === 'CREATE') for (const sentence of unenforcedIn(object as Pod)) warn?.(sentence)
      return
    }
    const { spec } = object as { spec?: { template?: PodLike } } // the kinds that make pods have it there
    if (spec?.template?.spec?.containers === undefined) return
    for (const { field, message } of unservedIn(spec.template, 'spec.template')) warn?.(`${field}: ${message}`)
    for (const sentence of unenforcedIn(spec.template, 'spec.template')) warn?.(sentence)
  },
}

/**
 * Ordinary manifests ask for a token of their account, and refusing them protects nobody: such a pod waits on its node, which says why,
 * until tokens are served.
 */
const mayWait = (field: string): boolean => field.endsWith('.serviceAccountToken')
