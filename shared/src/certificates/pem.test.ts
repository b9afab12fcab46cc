import { expect, it } from 'vitest'
import { pemBlocks } from './pem.ts'

const block = (type: string, text: string) => `-----BEGIN ${type}-----\n${Buffer.from(text).toString('base64')}\n-----END ${type}-----\n`
const found = (text: string) =>
  [...pemBlocks(text)].map(({ type, bytes, hasHeaders }) => `${type} ${bytes.toString()}${hasHeaders ? ' with headers' : ''}`)

// What Go's pem.Decode finds in each.
const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ['nothing', '', []],
  ['one', block('A', 'one'), ['A one']],
  ['several, in their order', `${block('A', 'one')}${block('B', 'two')}`, ['A one', 'B two']],
  ['text around them', `hello\n${block('A', 'one')}and\n${block('A', 'two')}bye`, ['A one', 'A two']],
  ['lines that end with CR LF', block('A', 'one').replaceAll('\n', '\r\n'), ['A one']],
  ['spaces within and behind lines', '-----BEGIN A----- \t\nb2 5l \n-----END A-----  \n', ['A one']],
  ['headers', '-----BEGIN A-----\nProc-Type: 4\nB: c\n\nb25l\n-----END A-----\n', ['A one with headers']],
  ['nothing within', '-----BEGIN A-----\n-----END A-----\n', ['A ']],
  ['no type', '-----BEGIN -----\nb25l\n-----END -----\n', [' one']],
  ['a beginning that is not at the beginning of its line', ` ${block('A', 'one')}`, []],
  ['another end than beginning', '-----BEGIN A-----\nb25l\n-----END B-----\n', []],
  ['an end with something behind it', '-----BEGIN A-----\nb25l\n-----END A----- x\n', []],
  ['no end', '-----BEGIN A-----\nb25l\n', []],
  ['another beginning before the end', `-----BEGIN B-----\nb25l\n${block('A', 'two')}`, ['A two']],
  ['what is no base64', '-----BEGIN A-----\nb25l!\n-----END A-----\n', []],
  ['half a group', '-----BEGIN A-----\nb25\n-----END A-----\n', []],
  ['something behind the padding', '-----BEGIN A-----\nb24=\nb24=\n-----END A-----\n', []],
  ['letters of addresses for the web', '-----BEGIN A-----\nb2-_\n-----END A-----\n', []],
  ['a broken one before a good one', `-----BEGIN A-----\n!\n-----END A-----\n${block('A', 'two')}`, ['A two']],
]
it.each(cases)('of %s', (_, text, expected) => {
  expect(found(text)).toEqual(expected)
})
