import type { Mutant } from './mutant.ts'

const channel = 'shared/src/streams/channel.ts'
const streams = ['shared/src/streams/streams.test.ts']
const session = ['hub/src/broker/session/session.test.ts']
const sockets = ['test/conformance/mqtt/streams.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: channel,
    search: `if (this.#granted < 0) throw`,
    replace: `if (this.#granted < -Infinity) throw`,
    why: 'a node fills the hub with bytes that nobody has asked for',
    tests: streams,
  },
  {
    file: channel,
    search: `if (this.#pieces.length > maxPieces)`,
    replace: `if (this.#pieces.length > Infinity)`,
    why: 'a stream of single bytes holds a hundred times what it is allowed',
    tests: streams,
  },
  {
    file: channel,
    search: `Math.min(most, this.#credit)`,
    replace: `most`,
    why: 'a reader who does not read is sent more than he has room for',
    tests: streams,
  },
  {
    file: channel,
    search: `if (this.#isThrownAway) this.#giveBack(bytes.length)`,
    replace: `if (this.#isThrownAway) return`,
    why: 'a channel that nobody reads any more holds up its writer for good',
    tests: streams,
  },
  {
    file: 'shared/src/streams/stream-table.ts',
    search: `      this.#ready.delete(stream)
      const outgoing = stream.next(most)
      if (stream.isReady) this.#ready.add(stream)`,
    replace: `      const outgoing = stream.next(most)
      if (!stream.isReady) this.#ready.delete(stream)`,
    why: 'one stream that has much to say holds up all others of its node',
    tests: streams,
  },
  {
    file: 'shared/src/streams/stream.ts',
    search: `[...this.#channels.values()].every(({ isFlushed }) => isFlushed)`,
    replace: `true`,
    why: 'the end of a stream overtakes its last bytes',
    tests: streams,
  },
  {
    file: 'shared/src/streams/stream.ts',
    search: ` || this.#deps.channels?.includes(number) === false`,
    replace: ``,
    why: 'a node fills the channels that nobody reads of every log that is asked of it',
    tests: streams,
  },
  {
    file: 'edge-agent/src/link/node-session.ts',
    search: `if (features.has('acks')) sender.useWindow(header.window)`,
    replace: ``,
    why: 'a heartbeat waits behind the bytes of every stream of its node',
    tests: sockets,
  },
  {
    file: 'edge-agent/src/link/stream-server.ts',
    search: `if (!Object.hasOwn(servers, kind))`,
    replace: `if (servers === undefined)`,
    why: 'a stream of a kind that an agent does not know ends as if all was well',
    tests: sockets,
  },
  {
    file: 'hub/src/broker/session/session.ts',
    search: `if (kind !== 'logs' && features?.has('streams') !== true)`,
    replace: `if (kind === '')`,
    why: 'an older agent answers exec with logs',
    tests: session,
  },
  {
    file: 'hub/src/broker/session/session.ts',
    search: `shareOf(body?.length ?? 0, partBytes)`,
    replace: `0`,
    why: 'a stream of more than 8 MB a second is read more slowly than it comes',
    tests: session,
  },
  {
    file: 'hub/src/broker/session/session.ts',
    search: `shareOf(header.bytes, creditBytes)`,
    replace: `0`,
    why: 'what is sent to a node is sent no faster than it may give credit for',
    tests: session,
  },
  {
    file: 'shared/src/streams/stream.ts',
    search: `.addCredit(message.bytes) && this.#deps.side === 'hub'`,
    replace: `.addCredit(message.bytes) && false`,
    why: 'a node gives credit for what was never sent, as often as it likes',
    tests: ['shared/src/streams/streams.test.ts'],
  },
  {
    file: 'hub/src/broker/packed.ts',
    search: `isOfStream(parcel.payload)`,
    replace: `false`,
    why: 'the credit of a stream waits for others',
    tests: ['hub/src/broker/packed.test.ts'],
  },
  {
    file: 'hub/src/broker/session/session.ts',
    search: `if (message?.header.t !== 'ack' && features?.has('acks') !== false) owed.add(payload.length)`,
    replace: `owe(payload.length)`,
    why: 'acknowledgements acknowledge each other, and the session ends over an account that does not balance',
    tests: session,
  },
  {
    file: 'shared/src/frames/frame-reader.ts',
    search: `header.t === 'unknown' ? undefined : []`,
    replace: `[]`,
    why: 'frames that nobody reads are kept until their last part comes',
    tests: ['shared/src/frames/frame.test.ts'],
  },
]
