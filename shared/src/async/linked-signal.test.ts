import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { linkSignals } from './linked-signal.ts'

test('a linked signal aborts with the first of those above it, for the reason of that', () => {
  const [one, other] = [new AbortController(), new AbortController()]
  const linked = linkSignals(one.signal, undefined, other.signal)
  other.abort('other')
  one.abort('one')
  expect(linked.signal.reason).toBe('other')
  expect(linkSignals(one.signal, other.signal).signal.reason).toBe('one')
})

test('a linked signal that aborts by itself leaves those above alone', () => {
  const above = new AbortController()
  const linked = linkSignals(above.signal)
  linked.abort('done')
  expect(linked.signal.reason).toBe('done')
  expect(above.signal.aborted).toBe(false)
})

test('nothing is left on the signals above, however a linked signal ends', () => {
  const [one, other] = [new AbortController(), new AbortController()]
  const left = () => [one, other].map(({ signal }) => getEventListeners(signal, 'abort').length)
  {
    using linked = linkSignals(one.signal, other.signal)
    expect(linked.signal.aborted).toBe(false)
    expect(left()).toEqual([1, 1])
  }
  expect(left()).toEqual([0, 0])
  linkSignals(one.signal, other.signal).abort()
  expect(left()).toEqual([0, 0])
  linkSignals(one.signal, other.signal)
  one.abort()
  expect(left()).toEqual([0, 0])
})

test('as many wait below one signal as there is work, and nobody takes that for a leak', async () => {
  const warnings: Error[] = []
  const hear = (warning: Error) => void warnings.push(warning)
  process.on('warning', hear)
  const above = new AbortController()
  const all = Array.from({ length: 20 }, () => linkSignals(above.signal))
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', hear)
  expect(warnings).toEqual([])
  above.abort('over')
  expect(all.every(({ signal }) => signal.reason === 'over')).toBe(true)
})
