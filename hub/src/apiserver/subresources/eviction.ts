import { type Eviction, eviction as schema } from '@bramble/shared/types/eviction.ts'
import { bodyOf, checkSameObject, postedType } from '../bodies/body-of.ts'
import { success } from '@bramble/shared/api/api-status.ts'
import { deleteObject } from '../verbs/delete.ts'
import { askAbout } from '../verbs/asked.ts'
import { checkedDeleteRequest } from '../verbs/delete-options.ts'
import { defineSubresource } from '../routes/subresource.ts'

const evictionType = postedType<Eviction>({ group: 'policy', version: 'v1', kind: 'Eviction', resource: 'evictions', schema })

/** A delete that may be refused for the sake of availability. Disruption budgets are not served yet, so it never is. */
export const eviction = defineSubresource({
  name: 'eviction',
  speaks: evictionType,
  verbs: {
    async create(call) {
      const body = bodyOf(call.request, evictionType)
      checkSameObject(body.metadata, call.info)
      const requestOf = () => checkedDeleteRequest(body.deleteOptions ?? {}, call.request.query)
      await askAbout({ ...call, origin: { ...call.origin, dryRun: requestOf().dryRun } }, evictionType, body)
      const request = requestOf()
      await deleteObject(call, request, false)
      return { type: 'object', status: 201, object: success({}, 201) }
    },
  },
})
