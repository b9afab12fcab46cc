import { describe, expect, it } from 'vitest'
import { createCodec } from '@bramble/shared/protobuf/table-codec.ts'
import { enums, messages } from './messages.ts'
import { createShortMessage } from './short-fields.ts'

const codec = createCodec({ messages, enums })
const answer = (stdout: string, stderr: string, exitCode: number) =>
  Buffer.from(codec.encode('ExecSyncResponse', { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), exitCode } as never)) // as a runtime sends it
function read(message: Buffer, pieceBytes: number) {
  const short = createShortMessage(10)
  for (let at = 0; at < message.length; at += pieceBytes) short.push(message.subarray(at, at + pieceBytes))
  const taken = short.take()
  const { stdout, stderr, exitCode } = codec.decode('ExecSyncResponse', taken) as {
    stdout: Uint8Array
    stderr: Uint8Array
    exitCode: number
  }
  return { bytes: taken.length, seen: [Buffer.from(stdout).toString(), Buffer.from(stderr).toString(), exitCode] }
}

describe('what a command prints', () => {
  it.each([
    ['nothing', answer('', '', 0), ['', '', 0]],
    ['little', answer('ok', 'why', 3), ['ok', 'why', 3]],
    ['just as much as is told', answer('0123456789', '', 1), ['0123456789', '', 1]],
    ['more', answer('x'.repeat(300), 'y'.repeat(70_000), -1), ['x'.repeat(10), 'y'.repeat(10), -1]],
  ])('is read up to its limit and the exit code after it, in whatever pieces it comes: %s', (_what, message, seen) => {
    for (const pieceBytes of [1, 2, 3, 7, 64, 1 << 20]) expect(read(message, pieceBytes).seen).toEqual(seen)
  })

  it('is not held beyond that: of a gigabyte stay a few bytes', () => {
    const short = createShortMessage(10)
    // Field 1, bytes, 2^30 of them.
    short.push(Buffer.from([0x0a, 0x80, 0x80, 0x80, 0x80, 0x04]))
    const piece = Buffer.alloc(1 << 20, 'z')
    for (let count = 0; count < 1024; count++) short.push(piece)
    short.push(Buffer.from([0x18, 7]))
    const taken = short.take()
    expect(taken.length).toBe(14)
    expect(codec.decode('ExecSyncResponse', taken)).toMatchObject({ exitCode: 7 })
  })

  it.each([
    ['a number that does not end', Buffer.alloc(20, 0xff)],
    ['a group', Buffer.from([0x0b])],
  ])('%s is refused', (_what, message) => {
    expect(() => createShortMessage(10).push(message)).toThrow(/number|wire type/)
  })
})
