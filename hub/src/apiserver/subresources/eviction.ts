import { type Eviction, eviction as schema } from '@bramble/shared/types/eviction.ts'
import { bodyOf, checkSameObject, postedType } from '../bodies/body-of.ts'
import { success } from '@bramble/shared/api/api-status.ts'
import { deleteObject } from '../verbs/delete.ts'
import { checkedDeleteRequest } from '../verbs/delete-options.ts'
import { defineSubresource } from '../routes/subresource.ts'

const evictionType = postedType<Eviction>({ group: 'policy', version: 'v1', kind: 'Eviction', resource: 'evictions', schema })

/** A delete that may be refused for the sake of availability. Disruption budgets are not served yet, so it never is. */
export const eviction = defineSubresource({
  name: 'eviction',
  speaks: evictionType,
  verbs: {
    async create(call) {
      const { metadata, deleteOptions = {} } = bodyOf(call.request, evictionType)
      checkSameObject(metadata, call.info)
      await deleteObject(call, checkedDeleteRequest(deleteOptions, call.request.query))
      return { type: 'object', status: 201, object: success({}, 201) }
    },
  },
})
