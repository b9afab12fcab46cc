import { type Node, nodes } from '@bramble/shared/kinds/node.ts'
import { defineAdmission } from '../admission.ts'

const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const

/** No pod is placed on a node before it was seen to be ready: the node lifecycle controller takes the taint away then. */
export const newNodeTaint = defineAdmission('new-node-taint', () => ({
  kinds: [nodes],
  admit({ operation, object, origin: { subresource } }) {
    if (operation !== 'CREATE' || subresource !== undefined) return
    const node = object as Node // it is of that kind
    const taints = node.spec?.taints ?? []
    if (!taints.some(({ key, effect }) => key === taint.key && effect === taint.effect))
      node.spec = { ...node.spec, taints: [...taints, { ...taint }] }
  },
}))
