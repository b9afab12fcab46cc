import { ApiError, badRequest, conflict, fieldNotSupported, fieldRequired, invalid } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { checked } from '@bramble/shared/kinds/rules/field-errors.ts'
import { checkDnsSubdomain } from '@bramble/shared/meta/names.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { type Binding, binding as schema } from '@bramble/shared/types/binding.ts'
import { bodyOf, postedType } from '../bodies/body-of.ts'
import { type WriteCall, nowOf } from '../call.ts'
import { success } from '@bramble/shared/api/api-status.ts'
import { askAbout } from '../verbs/asked.ts'
import { changeObject, meantBy } from '../verbs/change.ts'
import { defineSubresource } from '../routes/subresource.ts'

export const bindingType = postedType<Binding>({ group: '', version: 'v1', kind: 'Binding', resource: 'bindings', schema })

/** Puts a pod on a node, once and for all. */
export const binding = defineSubresource({
  name: 'binding',
  speaks: bindingType,
  verbs: {
    async create(call) {
      const body = bodyOf(call.request, bindingType)
      if (body.metadata.name !== call.info.name) throw badRequest('name in URL does not match name in Binding object')
      return bind(call, body)
    },
  },
})

export async function bind(call: WriteCall, body: Binding) {
  await askAbout(call, bindingType, body)
  const { target, metadata } = body
  checkTarget(target)
  const node = target.name ?? ''
  const now = formatTime(nowOf(call.api))
  const next = (previous: KubeObject): KubeObject => meantBy(bound(previous as Pod, { node, now, metadata }), metadata) // only pods have this subresource
  await changeObject(call, { scope: 'free', next, isUnowned: true, isSound: true, shown: 'nothing' })
  return { type: 'object' as const, status: 201, object: success({}, 201) }
}

/** Kubernetes answers 500 to what is wrong there, all of it at once. */
function checkTarget({ kind = '', name = '' }: Binding['target']): void {
  const errors = [
    ...(kind === '' || kind === 'Node' ? [] : [fieldNotSupported('target.kind', kind, ['Node', '<empty>'])]),
    ...(name === '' ? [fieldRequired('target.name')] : []),
  ].map(({ field, message }) => `${field}: ${message}`)
  if (errors.length > 0) throw new ApiError('Unknown', errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`)
}

/** What of a pod it is that could not be done. */
const podBinding = { group: '', kind: 'Pod', resource: 'pods/binding' }

type Bound = { readonly node: string; readonly now: string; readonly metadata: Binding['metadata'] }

function bound(previous: Pod, { node, now, metadata: told }: Bound): Pod {
  const { metadata, spec, status } = previous
  const { name } = metadata
  if (metadata.deletionTimestamp !== undefined)
    throw conflict(podBinding, name, `pod ${name} is being deleted, cannot be assigned to a host`)
  if (spec.nodeName !== undefined && spec.nodeName !== '')
    throw conflict(podBinding, name, `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`)
  if ((spec.schedulingGates ?? []).length > 0) throw conflict(podBinding, name, `pod ${name} has non-empty .spec.schedulingGates`)
  const errors = checked('spec.nodeName', node, checkDnsSubdomain)
  if (errors.length > 0) throw invalid(pods, name, errors)
  return {
    ...previous,
    metadata: {
      ...metadata,
      // What a scheduler decided beside the node. The labels are the user's first.
      ...(told.annotations !== undefined && { annotations: { ...metadata.annotations, ...told.annotations } }),
      ...(told.labels !== undefined && { labels: { ...told.labels, ...metadata.labels } }),
    },
    spec: { ...spec, nodeName: node },
    status: {
      ...status,
      conditions: [
        ...(status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled'),
        { type: 'PodScheduled', status: 'True', lastTransitionTime: now },
      ],
    },
  }
}
