import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { outletOf } from './outlet.ts'

/** A connection that takes a piece when it is told to. */
function connection() {
  const taken: (() => void)[] = []
  const writable = new Writable({ write: (_chunk, _encoding, done) => void taken.push(done) })
  return { writable, take: () => taken.shift()?.() }
}

test('writers go on until much waits, and then wait together until all of it is on its way', async () => {
  const { writable, take } = connection()
  const outlet = outletOf(writable)
  writable.write(Buffer.alloc(100 * 1024))
  expect(outlet.room()).toBeUndefined()
  writable.write(Buffer.alloc(100 * 1024))
  const both = Promise.all([outlet.room(), outlet.room()])
  expect(writable.listenerCount('drain')).toBe(1)
  take()
  expect(outlet.room(0)).toBeInstanceOf(Promise)
  take()
  await both
  expect(outlet.room(0)).toBeUndefined()
})

test('who waits hears of the end, and so does who comes later', async () => {
  const { writable } = connection()
  const outlet = outletOf(writable)
  writable.write(Buffer.alloc(200 * 1024))
  const waiting = expect(outlet.room()).rejects.toThrow('gone')
  outlet.end(new Error('gone'))
  await waiting
  await expect(outlet.room()).rejects.toThrow('gone')
})
