import { type Eviction, eviction as schema } from '@bramble/shared/types/eviction.ts'
import { bodyOf, checkSameObject, type PostedType } from '../bodies/body-of.ts'
import { success } from '@bramble/shared/api/api-status.ts'
import { deleteObject } from '../verbs/delete.ts'
import { checkedDeleteRequest } from '../verbs/delete-options.ts'
import { isNamed, type Subresource } from './subresource.ts'

const evictionType: PostedType<Eviction> = {
  group: 'policy',
  version: 'v1',
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  resource: 'evictions',
  schema,
}

/** A delete that may be refused for the sake of availability. Disruption budgets are not served yet, so it never is. */
export const eviction: Subresource = {
  name: 'eviction',
  isOf: isNamed('eviction'),
  verbs: {
    async create(call) {
      const { metadata, deleteOptions = {} } = bodyOf(call.request, evictionType)
      checkSameObject(metadata, call.info)
      await deleteObject(call, checkedDeleteRequest(deleteOptions, call.request.query))
      return { type: 'object', status: 201, object: success({}) }
    },
  },
}
