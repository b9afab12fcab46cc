import { nodePeer } from '@bramble/shared/api/node-peer.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { nodeNameOf } from '../authz/node-user.ts'
import { defineKindHooks } from '../objects/kind-hooks.ts'

/**
 * What a node says of itself goes to every other node: each is shown what it needs of the others and nothing else, so that no Node can
 * fill the memory of all. Its own it sees whole. Everybody else sees everything.
 */
export const nodeHooks = defineKindHooks({ kind: nodes, view: { ownOf: nodeNameOf, shown: nodePeer } })
