import { messageOf } from '@bramble/shared/process/service.ts'
import { channels, type NodeStream } from '@bramble/shared/streams/node-stream.ts'
import { pump } from '@bramble/shared/streams/pump.ts'
import type { ForwardedConnection } from './forwarded-connection.ts'

/**
 * Gives on what a caller and a port of a pod say to each other, each half to its own end. Who cannot be connected, or loses the node, hears why; that the pod broke
 * the connection off is no fault of the way there, and told by breaking off alone (kubectl ends a whole session by one word on an error stream).
 */
export async function forward(
  connection: ForwardedConnection,
  open: (port: number, signal: AbortSignal) => Promise<NodeStream>,
): Promise<void> {
  const { port, data, signal } = connection
  let stream: NodeStream
  try {
    stream = await open(port, signal)
  } catch (error) {
    return connection.fail(messageOf(error))
  }
  const channel = stream.channel(channels.stdin)
  pump(data, channel).catch(() => {}) // one of them is over, which is heard below
  try {
    for await (const bytes of channel) await data.write(bytes)
    if (!stream.signal.aborted) data.end()
    const { status } = await stream.closed
    if (status === 'Failure') connection.reset()
    else data.end()
  } catch (error) {
    if (!signal.aborted) connection.fail(messageOf(error))
  } finally {
    stream.abort(new Error('the caller has gone'))
  }
}
