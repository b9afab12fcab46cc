import { cloneJson } from '../json.ts'
import { objectFromBody } from '../bodies/object-body.ts'
import { changeObject, changedResponse } from '../verbs/change.ts'
import { get } from '../verbs/get.ts'
import { patchWithin } from '../verbs/patch.ts'
import { checkRevision } from '../verbs/update.ts'
import { defineSubresource } from '../routes/subresource.ts'

/** What was seen, written by those who see it; everything else of the object stays as it is. */
export const status = defineSubresource({
  name: 'status',
  isOf: (kind) => kind.subresources?.status === true,
  verbs: {
    get,
    async update(call) {
      const body = objectFromBody(call)
      checkRevision(call, body)
      return changedResponse(call, await changeObject(call, { scope: 'status', next: () => cloneJson(body) }))
    },
    patch: (call) => patchWithin(call, 'status'),
  },
})
