import { describe, expect, it } from 'vitest'
import { mask } from './mask.ts'
import { createMessageReader, NotWebSocket, type Said } from './message-reader.ts'

const key = Uint8Array.of(0x12, 0x34, 0x56, 0x78)

function frame(first: number, body: Uint8Array | string, length = Buffer.from(body).length): Buffer {
  const bytes = Buffer.from(body)
  const masked = Buffer.alloc(bytes.length)
  mask(bytes, key, masked, 0, bytes.length)
  const head = length < 126 ? [first, 0x80 | length] : length < 65_536 ? [first, 0xfe, length >>> 8, length & 255] : undefined
  const long = Buffer.alloc(10)
  long[0] = first
  long[1] = 0xff
  long.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head === undefined ? long : Buffer.from(head), key, masked])
}

/** What is said by bytes that come so many at a time. */
function heard(bytes: Buffer, size = bytes.length): Said[] {
  const read = createMessageReader()
  const all: Said[] = []
  for (let at = 0; at < bytes.length; at += size) all.push(...read(Buffer.from(bytes.subarray(at, at + size))))
  return all
}
const messages = (said: readonly Said[]) => {
  const all: string[] = []
  for (const each of said) {
    if (each.type !== 'piece') continue
    all.push(`${each.isFirst ? '' : (all.pop() ?? 'nothing before')}${Buffer.from(each.bytes).toString('latin1')}${each.isLast ? '.' : ''}`)
  }
  return all
}

describe('what a client of a WebSocket sends', () => {
  const long = 'a long one '.repeat(8000)
  const all = Buffer.concat([
    frame(0x82, 'one'),
    frame(0x02, 'tw'),
    frame(0x89, 'are you there'),
    frame(0x80, 'o'),
    frame(0x81, ''),
    frame(0x82, long),
    frame(0x88, Uint8Array.of(3, 232)),
  ])

  it.each([1, 2, 3, 5, 7, 64, 1000, all.length])('is the same wherever it is cut: %i bytes at a time', (size) => {
    const said = heard(all, size)
    expect(messages(said)).toEqual(['one.', 'two.', '.', `${long}.`])
    expect(said.filter(({ type }) => type === 'ping').map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['are you there'])
    expect(said.at(-1)).toEqual({ type: 'close', bytes: Uint8Array.of(3, 232) })
  })

  it('is told of as it comes, however long the message will be', () => {
    const read = createMessageReader()
    const beginning = frame(0x82, 'x'.repeat(1000), 40 * 1024 * 1024 * 1024)
    expect([...read(beginning)]).toMatchObject([{ type: 'piece', isFirst: true, isLast: false }])
    for (let times = 0; times < 100; times += 1) expect([...read(Buffer.alloc(1000))]).toHaveLength(1)
  })

  it.each([
    ['an extension that nobody agreed on', frame(0xc2, 'x')],
    ['an opcode that there is not', frame(0x83, 'x')],
    ['no mask', Buffer.from([0x82, 1, 65])],
    ['a long ping', frame(0x89, 'x'.repeat(126))],
    ['a ping in parts', frame(0x09, 'x')],
    ['a part of nothing', frame(0x80, 'x')],
    ['a message within another', Buffer.concat([frame(0x02, 'x'), frame(0x82, 'y')])],
    ['a length beyond all numbers', Buffer.concat([Buffer.from([0x82, 0xff]), Buffer.alloc(8, 0x7f), key])],
  ])('with %s is none', (_, bytes) => {
    expect(() => heard(bytes)).toThrow(NotWebSocket)
  })
})
