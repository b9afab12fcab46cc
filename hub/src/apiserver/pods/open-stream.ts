import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { NodeStream, NodeStreamRequest } from '@bramble/shared/streams/node-stream.ts'
import type { Call } from '../call.ts'

/** A runtime that hangs answers no sooner. */
const openMs = 30_000

type Opening = { readonly node: string; readonly request: NodeStreamRequest; readonly signal: AbortSignal }
type Asker = Pick<Call, 'api' | 'caller'>

/** A stream of a node in the name of its caller, who has a share of those that the node serves for as long as it is there. Throws as `OpenNodeStream` does. */
export function openStream({ api, caller }: Asker, { node, request, signal }: Opening): NodeStream {
  const giveBack = api.budget.openStreamTo(caller.account, node)
  try {
    const stream = api.openNodeStream(node, request, signal)
    if (stream.signal.aborted) giveBack()
    else stream.signal.addEventListener('abort', giveBack, { once: true })
    return stream
  } catch (error) {
    giveBack()
    throw error
  }
}

/** The same once the node serves it; its refusal is thrown. */
export async function openWithin(asker: Asker, opening: Opening): Promise<NodeStream> {
  const stream = openStream(asker, opening)
  const timer = setTimeout(
    () => stream.abort(new ApiError('Timeout', `node ${opening.node} did not open the stream within ${openMs / 1000} s`)),
    openMs,
  )
  await stream.accepted.finally(() => clearTimeout(timer))
  return stream
}
