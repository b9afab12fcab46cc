import { badRequest, notFound } from '@bramble/shared/api/api-error.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { duplexOf } from '@bramble/shared/streams/duplex-of.ts'
import { channels } from '@bramble/shared/streams/node-stream.ts'
import type { Call } from '../call.ts'
import { openWithin } from '../pods/open-stream.ts'
import type { Behind } from './proxy-to.ts'
import type { TargetName } from './target-name.ts'

/** Where other kubelets listen; ours does not listen at all. */
const kubeletPort = '10250'

/** The kubelet's API of a node, through the node's one connection. No other port of a node is reached. */
export function nodeBehind({ name, port }: TargetName, call: Call): Behind {
  if (call.api.registry.find(nodes, undefined, name) === undefined) throw notFound(nodes, name)
  if (port !== '' && port !== kubeletPort)
    throw badRequest(`port ${port} of node ${name} is not reached through the hub: leave the port out to ask its agent`)
  return {
    // The connection is encrypted already.
    isTls: false,
    async dial(signal) {
      return duplexOf(await openWithin(call, { node: name, request: { kind: 'kubelet' }, signal }), channels.stdin)
    },
  }
}
