import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { bytesToKeep } from './bytes-to-keep.ts'

it('a frame that waits at its socket holds its own bytes and not those of its turn', () => {
  const turn = new Uint8Array(1024 * 1024).fill(7)
  const frame = turn.subarray(100, 300)
  const stalled = new Writable({ write: () => {} })
  const held: number[] = []
  for (let count = 0; count < 3; count++) {
    const bytes = bytesToKeep(frame, stalled)
    expect(bytes.equals(frame)).toBe(true)
    held.push(bytes.buffer.byteLength)
    stalled.write(bytes)
  }
  expect(held).toEqual([turn.length, 200, 200])
})
