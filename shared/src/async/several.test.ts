import { expect, it } from 'vitest'
import { several } from './several.ts'

it('does so many at once, in order, and each with its place', async () => {
  const open: (() => void)[] = []
  const begun: string[] = []
  const all = several(['a', 'b', 'c'], 2, async (item, index) => {
    begun.push(`${item}${index}`)
    await new Promise<void>((resolve) => open.push(resolve))
  })
  expect(begun).toEqual(['a0', 'b1'])
  open.shift()?.()
  await new Promise((resolve) => setImmediate(resolve))
  expect(begun).toEqual(['a0', 'b1', 'c2'])
  for (const go of open) go()
  await all
})

it('begins nothing after a failure, and throws it when nothing is under way', async () => {
  const begun: number[] = []
  let go = () => {}
  const all = several([1, 2, 3], 2, async (item) => {
    begun.push(item)
    if (item === 1) throw new Error('no')
    await new Promise<void>((resolve) => (go = resolve))
  })
  let isOver = false
  const over = expect(all)
    .rejects.toThrow('no')
    .then(() => (isOver = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(isOver).toBe(false)
  go()
  await over
  expect(begun).toEqual([1, 2])
})
