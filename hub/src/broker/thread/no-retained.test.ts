import { Readable } from 'node:stream'
import type { Aedes } from 'aedes'
import { expect, it } from 'vitest'
import { lookForNothingRetained } from './no-retained.ts'

it('what is retained is looked for in the public tree alone', () => {
  const asked: (readonly string[])[] = []
  const persistence = { createRetainedStreamCombi: (patterns: readonly string[]) => (asked.push(patterns), Readable.from([])) }
  lookForNothingRetained({ persistence } as unknown as Aedes)
  persistence.createRetainedStreamCombi(['$bramble/v1/n/pi-1/d/s', 'bramble/home/#'])
  expect(asked).toEqual([['bramble/home/#']])
})
