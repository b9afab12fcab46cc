import { describe, expect, it } from 'vitest'
import { podTemplateHash } from './pod-template-hash.ts'

describe('the hash of a pod template', () => {
  it('does not depend on the order of keys, but on every value', () => {
    const hash = podTemplateHash({ a: 1, b: { c: 2, d: [1, 2] } })
    expect(podTemplateHash({ b: { d: [1, 2], c: 2 }, a: 1 })).toBe(hash)
    expect(podTemplateHash({ a: 1, b: { c: 2, d: [2, 1] } })).not.toBe(hash)
    expect(podTemplateHash({ a: 1, b: { c: 2, d: [1, 2] } }, 1)).not.toBe(hash)
    expect(hash).toMatch(/^[b-df-hj-np-tv-z2456789]{1,10}$/)
  })
})
