import { getEventListeners, setMaxListeners } from 'node:events'
import { expect, test } from 'vitest'
import { exec } from './exec.ts'

test('a command that hangs is killed at its deadline and named', async () => {
  await expect(exec('sleep', ['60'], { timeoutMs: 20 })).rejects.toThrow('sleep 60 did not end within 20 ms')
})

test('a command ends with the signal, whose reason is not taken for a deadline', async () => {
  const stop = new AbortController()
  const ended = exec('sleep', ['60'], { signal: stop.signal })
  stop.abort()
  await expect(ended).rejects.toThrow(/abort/i)
})

test('calls under one long-lived signal leave nothing on it: no listener, and none of the traces that Node keeps of composed signals', async () => {
  const { signal } = new AbortController()
  setMaxListeners(0, signal)
  await Promise.all(Array.from({ length: 20 }, () => exec('true', [], { signal })))
  expect(getEventListeners(signal, 'abort')).toEqual([])
  const traces = Object.getOwnPropertySymbols(signal).filter(({ description = '' }) => /dependant/i.test(description))
  const sizes = traces.map((symbol) => (signal as unknown as Record<symbol, { size: number } | undefined>)[symbol]?.size ?? 0) // Node's own sets
  expect(sizes.filter((size) => size > 0)).toEqual([])
})
