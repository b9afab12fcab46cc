import { expect, test } from 'vitest'
import { openedBefore } from './opened-before.ts'

test('what was opened is closed also when its reader leaves before the first item', async () => {
  let isOpen = true
  const items = openedBefore(
    (async function* () {
      yield 1
    })(),
    () => (isOpen = false),
  )
  await items[Symbol.asyncIterator]().return?.()
  expect(isOpen).toBe(false)
})
