import { getHeapSnapshot, setFlagsFromString } from 'node:v8'
import { json } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { sizesOf, type Snapshot } from './snapshot-sizes.ts'

const now = async () => sizesOf((await json(getHeapSnapshot())) as Snapshot)

test('data that is held counts as objects, also outside of the heap, and functions that are compiled as code', async () => {
  setFlagsFromString('--no-flush-bytecode')
  const before = await now()
  const data = [Array.from({ length: 100_000 }, (_, index) => ({ index })), Buffer.alloc(3_000_000)]
  const withData = await now()
  expect(withData.objects - before.objects).toBeGreaterThan(5_000_000)
  expect(Math.abs(withData.code - before.code)).toBeLessThan(1_000_000)
  const compiled = Array.from({ length: 3000 }, (_, index) => {
    const made = new Function('a', `let b = a; ${`b = b * ${index} + a.x${index};`.repeat(20)} return b`) as (a: object) => number
    made({})
    return made
  })
  const withCode = await now()
  expect(withCode.code - withData.code).toBeGreaterThan(1_000_000)
  expect(data.length + compiled.length).toBe(3002)
})

test('a snapshot of another form is refused', () => {
  const meta = { node_fields: ['type', 'self_size'], node_types: [['object', 'native']] }
  expect(() => sizesOf({ snapshot: { meta }, nodes: [], strings: [] })).toThrow('no heap snapshot')
})
