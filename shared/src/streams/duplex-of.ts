import { Duplex } from 'node:stream'
import { errorOf } from '../api/rest-client.ts'
import type { NodeStream } from './node-stream.ts'

/**
 * One channel of a stream as what TLS and HTTP speak over, in both directions and with half-close. The stream ends with it: in order when
 * both sides have said all, else at once.
 */
export function duplexOf(stream: NodeStream, number: number): Duplex {
  const channel = stream.channel(number)
  const bytes = channel[Symbol.asyncIterator]()
  const duplex = new Duplex({
    read() {
      bytes.next().then(
        ({ done, value }) => duplex.push(done === true ? null : value),
        (error: unknown) => duplex.destroy(asError(error)),
      )
    },
    write(chunk: Uint8Array, _encoding, done) {
      void told(channel.write(chunk), done)
    },
    final(done) {
      channel.end()
      done()
    },
    destroy(error, done) {
      if (error === null && duplex.readableEnded && duplex.writableFinished) stream.close()
      else stream.abort(error ?? new Error('nobody reads any more'))
      // Of a stream that is over what came is held for its reader, until he leaves.
      leave(bytes)
      done(error)
    },
  })
  // A connection that broke must not look like one that was ended.
  const onOver = () =>
    stream.closed.then(
      (status) => (status.status === 'Failure' ? duplex.destroy(errorOf(status)) : duplex.end()),
      (error: unknown) => duplex.destroy(asError(error)),
    )
  if (stream.signal.aborted) void onOver()
  else stream.signal.addEventListener('abort', () => void onOver(), { once: true })
  return duplex
}

const leave = (bytes: AsyncIterator<Uint8Array>): void => void (async () => bytes.return?.())().catch(() => {}) // why it was broken was told

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

async function told(work: Promise<void>, done: (error?: Error) => void): Promise<void> {
  let failure: Error | undefined
  try {
    await work
  } catch (error) {
    failure = asError(error)
  }
  done(failure)
}
