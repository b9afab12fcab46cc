import { badRequest } from '@bramble/shared/api/api-error.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { bodyOf } from '../bodies/body-of.ts'
import { postedKind } from '../reviews/review.ts'
import { definePosted } from '../routes/posted.ts'
import { bind, bindingType } from '../subresources/binding.ts'
import { askAboutPosted } from '../verbs/asked.ts'

const kind = postedKind(bindingType, { singular: 'binding', namespaced: true })

/**
 * `POST …/bindings`: the older way to put a pod on a node, with the pod's name in the body. Webhooks and policies are asked about both, so that
 * a rule about one way leaves no other.
 */
export const bindings = definePosted({
  type: bindingType,
  singular: 'binding',
  namespaced: true,
  verbs: {
    async create(asked) {
      const body = bodyOf(asked.request, bindingType)
      if (asked.info.namespace === undefined) throw badRequest('a binding needs a namespace')
      await askAboutPosted({ ...asked, kind }, bindingType, body)
      const info = { ...asked.info, resource: 'pods', name: body.metadata.name, subresource: 'binding' }
      return bind({ ...asked, info, kind: pods, origin: { ...asked.origin, subresource: 'binding' } }, body)
    },
  },
})
