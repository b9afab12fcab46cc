import { describe, expect, it } from 'vitest'
import { manifestDocument } from './manifest-document.ts'

describe('a manifest', () => {
  it('is one document, YAML or JSON', () => {
    expect(manifestDocument('# a pod\na: [1, {b: c}]\nd: |\n  text\n')).toEqual({ a: [1, { b: 'c' }], d: 'text\n' })
    expect(manifestDocument('{"a": "b"}')).toEqual({ a: 'b' })
    expect(manifestDocument('')).toBeNull()
  })

  // Parsed whole, these end the process, or hold it up for minutes.
  it.each([
    ['brackets without end', '['.repeat(1_000_000), 'nested deeper than 200'],
    ['dashes without end', '- '.repeat(1_000_000), 'nested deeper than 200'],
    ['questions without end', '? '.repeat(1_000_000), 'nested deeper than 200'],
    ['braces without end', '{a: '.repeat(500_000), 'nested deeper than 200'],
    ['a list without end', '- a\n'.repeat(500_000), 'more than 50000'],
    ['a line that is a list without end', `[${'a,'.repeat(500_000)}]`, 'more than 50000'],
    ['several documents', 'a: b\n---\na: c\n', 'it has 2 documents'],
    [
      'an alias of everything',
      `a: &a [x]\n${Array.from({ length: 9 }, (_, n) => `${'bcdefghij'[n]}: &${'bcdefghij'[n]} [${`*${'abcdefghi'[n]},`.repeat(9)}]`).join('\n')}`,
      'alias',
    ],
    ['a mistake', 'a: b\nc: [', 'at line 2, column'],
  ])('that is %s is refused, and quickly', (_what, text, why) => {
    expect(() => manifestDocument(text)).toThrow(why)
  })
})
