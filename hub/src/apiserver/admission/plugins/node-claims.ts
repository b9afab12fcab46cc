import type { KubeObject } from '@bramble/shared/api/client.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { persistentVolumeClaims } from '@bramble/shared/kinds/persistent-volume-claim.ts'
import { nodeNameOf } from '../../authz/node-user.ts'
import { defineAdmission, refused } from '../admission.ts'

/** Of a claim that its pods mount a node tells how large its volume has become, and nothing else (NodeRestriction). */
export const nodeClaims = defineAdmission('node-claims', () => ({
  kinds: [persistentVolumeClaims],
  guard(admission) {
    const node = nodeNameOf(admission.origin.user)
    const { object, previous, operation, origin } = admission
    if (node === undefined) return
    if (origin.subresource !== 'status') throw refused(admission, 'may only update PVC status')
    if (operation !== 'UPDATE' || object === undefined || previous === undefined)
      throw refused(admission, `unexpected operation ${JSON.stringify(operation)}`)
    if (!isSameJson(restOf(object), restOf(previous)))
      throw refused(
        admission,
        `node ${JSON.stringify(node)} is not allowed to update fields other than status.capacity and status.conditions`,
      )
  },
}))

function restOf({ metadata: { resourceVersion: _revision, managedFields: _owners, ...metadata }, ...rest }: KubeObject) {
  const { capacity: _capacity, conditions: _conditions, ...status } = (rest as { status?: Record<string, unknown> }).status ?? {}
  return { ...rest, metadata, status }
}
