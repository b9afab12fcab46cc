import { expect, test } from 'vitest'
import { boundedLines } from './bounded-lines.ts'

test('a reader of the log who does not read costs lines, and hears how many', () => {
  const written: string[] = []
  const output = { writableLength: 0, write: (line: string) => (written.push(line), true) }
  const write = boundedLines(() => output as never) // of a stream this is used
  write('a\n')
  output.writableLength = 2 * 1024 * 1024
  write('b\n')
  write('c\n')
  output.writableLength = 0
  write('d\n')
  expect(written).toEqual(['a\n', '{"level":"warn","message":"lines of the log were lost: nobody has read them","lines":2}\n', 'd\n'])
})
