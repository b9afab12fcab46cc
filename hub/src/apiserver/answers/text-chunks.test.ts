import { expect, test } from 'vitest'
import { TextChunks } from './text-chunks.ts'

const joined = (texts: readonly string[], size: number) => {
  const out = new TextChunks(size)
  const chunks = texts.map((text) => out.add(text)).filter((chunk) => chunk !== undefined)
  return [...chunks, out.rest()]
}

test.each([
  ['ASCII', ['abc', 'defg', 'h']],
  ['characters of one byte in memory and two in UTF-8', ['é', 'aé', 'ß'.repeat(7)]],
  ['characters beyond that', ['日本', 'a日', '😀😀']],
  ['half a character, as everywhere in Node', ['a\ud800', '\udc00']],
  ['texts longer than a chunk', ['x'.repeat(30), 'a', '日'.repeat(30)]],
  ['nothing', ['', '']],
])('%s comes out as it would in one text', (_what, texts) => {
  const chunks = joined(texts, 8)
  expect(Buffer.concat(chunks).toString()).toBe(texts.map((text) => Buffer.from(text).toString()).join(''))
  expect(chunks.slice(0, -1).every(({ length }) => length > 0)).toBe(true)
})

test('what was handed out is not written to again', () => {
  const [first, second] = joined(['aaaa', 'bbbb', 'cccc'], 8)
  expect([`${first}`, `${second}`].map((bytes) => bytes.length > 0)).toEqual([true, true])
  expect(Buffer.from(first ?? []).toString()).toBe('aaaabbbb')
})
