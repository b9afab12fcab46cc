import { inputsOf, outputsOf } from '@bramble/shared/streams/command-channels.ts'
import type { CommandStreams, NodeStream } from '@bramble/shared/streams/node-stream.ts'
import { pump } from '@bramble/shared/streams/pump.ts'
import { statusOfError, type StreamStatus } from '@bramble/shared/streams/stream-status.ts'
import type { RemoteSide } from './remote-side.ts'

/** Gives on what caller and command say to each other until either ends. What came is heard before the end, and the end by both. */
export async function join(remote: RemoteSide, stream: NodeStream, streams: CommandStreams): Promise<void> {
  const onGone = () => stream.abort(remote.signal.reason)
  remote.signal.addEventListener('abort', onGone, { once: true })
  if (remote.signal.aborted) onGone()
  for (const number of inputsOf(streams)) pump(remote.channel(number), stream.channel(number)).catch(() => {}) // one of them is over, which both hear below
  const said = outputsOf(streams).map((number) => pump(stream.channel(number), remote.channel(number)))
  try {
    await remote.finish(await endOf(stream, said))
  } finally {
    remote.signal.removeEventListener('abort', onGone)
    stream.abort(new Error('the caller has gone'))
  }
}

async function endOf(stream: NodeStream, said: readonly Promise<void>[]): Promise<StreamStatus> {
  try {
    await Promise.all(said)
    return await stream.closed
  } catch (error) {
    return statusOfError(error)
  }
}
