import { describe, expect, it } from 'vitest'
import { rawBytes, rawText, wellFormed } from './raw-text.ts'

describe('bytes as a text', () => {
  it.each([
    ['', ''],
    ['636166c3a9', 'café'],
    ['f09f8d93', '🍓'],
    ['fffefd', undefined],
    ['41ff42', undefined],
    ['63c3', undefined],
    ['f09f8d93f09f8d', undefined],
    ['eda080', undefined],
  ])('%s comes back as it was', (hex, text) => {
    const bytes = Buffer.from(hex, 'hex')
    if (text !== undefined) expect(rawText(bytes)).toBe(text)
    expect(rawBytes(rawText(bytes)).toString('hex')).toBe(hex)
    expect(rawBytes(`é${rawText(bytes)}🍓`).toString('hex')).toBe(`c3a9${hex}f09f8d93`)
  })

  it('a half of a pair that the API holds is no byte', () => {
    expect(rawBytes(wellFormed('a\udc80b')).toString()).toBe('a\uFFFDb')
    expect(wellFormed('🍓')).toBe('🍓')
  })
})
