import { badRequest } from '@bramble/shared/api/api-error.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { bodyOf } from '../bodies/body-of.ts'
import { bind, bindingType } from '../subresources/binding.ts'
import type { PostedResource } from './posted-resource.ts'

/** `POST …/bindings`: the older way to put a pod on a node, with the pod's name in the body. */
export const bindings: PostedResource = {
  group: '',
  version: 'v1',
  resource: 'bindings',
  kind: 'Binding',
  singular: 'binding',
  namespaced: true,
  verbs: ['create'],
  async create({ api }, { request, caller, info, warnings, origin, fieldValidation }) {
    const body = bodyOf(request, bindingType)
    if (info.type !== 'resource' || info.namespace === undefined) throw badRequest('a binding needs a namespace')
    const target = { ...info, resource: 'pods', name: body.metadata.name, subresource: 'binding' }
    const warn = (text: string) => void warnings.push(text)
    return bind(
      { api, request, caller, info: target, kind: pods, warn, fieldValidation, origin: { ...origin, subresource: 'binding' } },
      body,
    )
  },
}
