import { expect, test } from 'vitest'
import { inBatches } from './in-batches.ts'

const collect = async (source: AsyncIterable<number>, max = 10) => {
  const batches: number[][] = []
  for await (const batch of inBatches(source, { max })) batches.push([...batch])
  return batches
}
async function* ready(count: number): AsyncGenerator<number> {
  for (let index = 0; index < count; index++) yield index
}

test('what is ready comes together, up to the limit', async () => {
  expect(await collect(ready(5))).toEqual([[0, 1, 2, 3, 4]])
  expect(await collect(ready(5), 2)).toEqual([[0, 1], [2, 3], [4]])
  expect(await collect(ready(0))).toEqual([])
})

test('a single item is not held back for more to come', async () => {
  let more = () => {}
  const slow = (async function* () {
    yield 1
    await new Promise<void>((resolve) => (more = resolve))
    yield 2
  })()
  const batches: number[][] = []
  for await (const batch of inBatches(slow, { max: 10 })) {
    batches.push([...batch])
    more()
  }
  expect(batches).toEqual([[1], [2]])
})

test('what came before an error is delivered before the error', async () => {
  const failing = (async function* () {
    yield 1
    throw new Error('lost')
  })()
  const batches: number[][] = []
  await expect(
    (async () => {
      for await (const batch of inBatches(failing, { max: 10 })) batches.push([...batch])
    })(),
  ).rejects.toThrow('lost')
  expect(batches).toEqual([[1]])
})

test('a batch ends with the item that reaches its bytes, so that large ones are not gathered', async () => {
  async function* source() {
    yield* [1, 5, 1, 1]
  }
  const batches: (readonly number[])[] = []
  for await (const batch of inBatches(source(), { max: 10, maxBytes: 4, bytesOf: Number })) batches.push(batch)
  expect(batches).toEqual([
    [1, 5],
    [1, 1],
  ])
})
