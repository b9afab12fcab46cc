import { ApiError } from '@bramble/shared/api/api-error.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { SpdyStream } from '@bramble/shared/spdy/spdy-stream.ts'
import { channelNamed, inputsOf, outputsOf } from '@bramble/shared/streams/command-channels.ts'
import { type CommandStreams, channels, type NodeStream } from '@bramble/shared/streams/node-stream.ts'
import { pump } from '@bramble/shared/streams/pump.ts'
import { parseStatus, type StreamStatus } from '@bramble/shared/streams/stream-status.ts'
import { openStreaming } from '../../cri/streaming.ts'

/** Of how a command ended; the runtime may put its output there. */
const maxStatusBytes = 64 * 1024

export type Serving = {
  /** Of the runtime's streaming server. */
  readonly url: string
  readonly streams: CommandStreams
  readonly stream: NodeStream
}

/** Joins the channels of a stream with the runtime's, and answers how the command ended. What was opened at the runtime is closed then. */
export async function serveCommand({ url, streams, stream }: Serving): Promise<StreamStatus> {
  const connection = await openStreaming({ url, protocol: 'v4.channel.k8s.io', signal: stream.signal })
  const onOver = () => connection.destroy()
  stream.signal.addEventListener('abort', onOver, { once: true })
  try {
    const run = connection.run().catch(() => {}) // each of its streams tells why
    const open = (number: number) => connection.open({ streamtype: channelNamed(number) })
    const error = open(channels.error)
    for (const number of inputsOf(streams)) feed(stream, number, open(number))
    const outputs = outputsOf(streams).map((number) => drain(open(number), stream, number))
    stream.accept()
    const [status] = await Promise.all([statusFrom(error), ...outputs])
    connection.close()
    await Promise.race([run, connection.flushed()])
    return status
  } finally {
    stream.signal.removeEventListener('abort', onOver)
    connection.destroy()
  }
}

/** What a command reads may end before the command, and the command before that. */
function feed(stream: NodeStream, number: number, to: SpdyStream): void {
  pump(stream.channel(number), to).catch(() => to.reset())
}

/** The runtime resets its streams when the command has ended and all was said. */
async function drain(from: SpdyStream, stream: NodeStream, number: number): Promise<void> {
  try {
    return await pump(from, stream.channel(number))
  } catch (error) {
    if (stream.signal.aborted) throw error
  }
  stream.channel(number).end()
}

async function statusFrom(error: SpdyStream): Promise<StreamStatus> {
  const pieces: Uint8Array[] = []
  let length = 0
  let broken: unknown
  try {
    for await (const bytes of error) {
      length += bytes.length
      if (length > maxStatusBytes) throw new Error('the runtime says more of the end of a command than anybody reads')
      pieces.push(bytes)
    }
  } catch (cause) {
    broken = cause
  }
  if (length > 0 && length <= maxStatusBytes) return parseStatus(Buffer.concat(pieces))
  if (broken !== undefined)
    throw new ApiError('ServiceUnavailable', `the container runtime broke the stream off: ${messageOf(broken)}`, {}, { cause: broken })
  return parseStatus(undefined)
}
