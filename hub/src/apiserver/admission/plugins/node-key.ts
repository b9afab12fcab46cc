import { ApiError } from '@bramble/shared/api/api-error.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { nodeKeyAnnotation } from '@bramble/shared/identity/node-key.ts'
import { hubParts } from '../../authz/hub-parts.ts'
import { isNode } from '../../authz/node-user.ts'
import { defineAdmission } from '../admission.ts'

/** The key on a Node decides whose certificate is good for it: the hub alone writes it. An administrator may take it away. */
export const nodeKey = defineAdmission('node-key', () => ({
  kinds: [nodes],
  validate({ operation, name, object, previous, origin: { user, account } }) {
    if (operation === 'DELETE') return
    if (account.of === 'hub' && user.name === hubParts.gateway.user.name) return
    const [before, next] = [previous, object].map((each) => each?.metadata.annotations?.[nodeKeyAnnotation])
    if (next === before || (next === undefined && !isNode(user))) return
    throw new ApiError(
      'Forbidden',
      `nodes ${JSON.stringify(name)} is forbidden: metadata.annotations[${nodeKeyAnnotation}] is written by the hub alone when a node joins`,
      { name, kind: 'nodes' },
    )
  },
}))
