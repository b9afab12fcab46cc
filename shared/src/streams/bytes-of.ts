import { errorOf } from '../api/rest-client.ts'
import { channels, type NodeStream } from './node-stream.ts'

/** What a stream has to say that only says something: the bytes of one channel, and its refusal as an error. Ends quietly when `signal` does. */
export async function* bytesOf(stream: NodeStream, signal: AbortSignal, number: number = channels.stdout): AsyncGenerator<Uint8Array> {
  try {
    yield* stream.channel(number)
    const status = await stream.closed
    if (status.status === 'Failure') throw errorOf(status)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    stream.abort(new Error('nobody reads any more'))
  }
}
