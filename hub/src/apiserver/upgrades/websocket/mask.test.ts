import { expect, test } from 'vitest'
import { mask, unmask } from './mask.ts'

const key = Uint8Array.of(0x12, 0x34, 0x56, 0x78)
const byByte = (bytes: Uint8Array) => bytes.map((byte, index) => byte ^ (key[index & 3] ?? 0))

test.each([0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 1000])('%i bytes are unmasked and masked as one by one, wherever they lie', (length) => {
  for (let at = 0; at < 5; at += 1) {
    const whole = Uint8Array.from({ length: at + length + 3 }, (_, index) => (index * 7) & 255)
    const bytes = whole.subarray(at, at + length)
    const before = Uint8Array.from(bytes)
    unmask(bytes, key)
    expect(bytes).toEqual(byByte(before))
    expect([...whole.subarray(0, at), ...whole.subarray(at + length)]).toEqual(
      [...Array(at).keys(), ...[0, 1, 2].map((index) => at + length + index)].map((index) => (index * 7) & 255),
    )
    const output = new Uint8Array(at + length + 1)
    mask(before, key, output, at, length)
    expect(output.subarray(at, at + length)).toEqual(byByte(before))
  }
})
