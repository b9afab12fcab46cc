import { expect, it } from 'vitest'
import { createGate } from './gate.ts'

const { signal } = new AbortController()

it('whoever hangs keeps out those of its own name, and others go in', async () => {
  const gate = createGate({ ofOne: 1, ofAll: 2 })
  const leave = await gate.enter('slow', signal)
  const order: string[] = []
  const next = gate.enter('slow', signal).then((leave) => {
    order.push('slow')
    return leave
  })
  const other = await gate.enter('quick', signal)
  order.push('quick')
  const third = gate.enter('third', signal).then(() => order.push('third'))
  other()
  await third
  expect(order).toEqual(['quick', 'third'])
  leave()
  ;(await next)()
  expect(order).toEqual(['quick', 'third', 'slow'])
})

it('who leaves twice gives back one place, and who gave up waiting has none', async () => {
  const gate = createGate({ ofOne: 1, ofAll: 1 })
  const leave = await gate.enter('a', signal)
  const given = new AbortController()
  const gone = gate.enter('a', given.signal)
  given.abort(new Error('too long'))
  await expect(gone).rejects.toThrow('too long')
  leave()
  leave()
  await gate.enter('a', signal)
  const waiting = new AbortController()
  const late = gate.enter('b', waiting.signal)
  waiting.abort(new Error('still full'))
  await expect(late).rejects.toThrow('still full')
  await expect(gate.enter('b', waiting.signal)).rejects.toThrow('still full')
})
