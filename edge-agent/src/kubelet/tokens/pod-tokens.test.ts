import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { expect, it } from 'vitest'
import { samplePod } from '../testing/samples.ts'
import { createPodTokens } from './pod-tokens.ts'

const hour = 3600
const start = Date.parse('2026-06-01T12:00:00Z')

/** A hub that gives tokens that are good for so long, and a clock. */
function bed({ goodFor = hour } = {}) {
  let now = start
  const seen = { asked: 0, isThere: true, refusal: undefined as Error | undefined }
  const clock = { now: () => now, monotonic: () => now } as Clock // nothing waits by it
  const tokenAt = (at: number) =>
    `h.${Buffer.from(JSON.stringify({ iat: at / 1000, exp: at / 1000 + goodFor, n: seen.asked })).toString('base64url')}.s`
  const tokens = createPodTokens({
    clock,
    issuer: {
      isThere: () => seen.isThere,
      settled: async () => {},
      async ask() {
        seen.asked += 1
        if (seen.refusal !== undefined) throw seen.refusal
        return tokenAt(now)
      },
    },
  })
  const signal = new AbortController().signal
  const fetch = (kept?: string, asked = {}) =>
    tokens.tokenFor(samplePod(), { expirationSeconds: hour, ...asked }, { kept: async () => kept, signal })
  return { seen, tokens, fetch, tokenAt, pass: (seconds: number) => (now += seconds * 1000) }
}

it('a token is fetched once, and another at four fifths of its life', async () => {
  const { seen, tokens, fetch, pass } = bed()
  const first = await fetch()
  pass(0.79 * hour)
  expect([await fetch(), seen.asked, tokens.due()]).toEqual([first, 1, []])
  pass(0.02 * hour)
  expect(tokens.due()).toEqual(['u1'])
  expect(await fetch()).not.toBe(first)
  expect([seen.asked, tokens.due()]).toEqual([2, []])
})

it('one that is good for longer than was asked is renewed by what was asked, and after a day at the latest', async () => {
  const long = bed({ goodFor: 365 * 24 * hour })
  await long.fetch()
  long.pass(0.81 * hour)
  expect(long.tokens.due()).toEqual(['u1'])
  const days = bed({ goodFor: 100 * 24 * hour })
  await days.fetch(undefined, { expirationSeconds: 100 * 24 * hour })
  days.pass(24 * hour - 1)
  expect(days.tokens.due()).toEqual([])
  days.pass(1)
  expect(days.tokens.due()).toEqual(['u1'])
})

it('what is in the volume from an earlier life serves, without the hub as well, and is renewed when that is there', async () => {
  const { seen, tokens, fetch, tokenAt, pass } = bed()
  const old = tokenAt(start)
  seen.isThere = false
  expect(await fetch(old)).toBe(old)
  pass(2 * hour)
  // Too old, but nothing better is to be had; nobody is woken in vain.
  expect([await fetch(), tokens.due(), seen.asked]).toEqual([old, [], 0])
  seen.isThere = true
  expect(tokens.due()).toEqual(['u1'])
  expect(await fetch()).not.toBe(old)
})

it('a pod without a token and without a hub starts without one, and has it as soon as the hub is there', async () => {
  const { seen, tokens, fetch } = bed()
  seen.isThere = false
  expect([await fetch('no token'), tokens.due()]).toEqual([undefined, []])
  seen.isThere = true
  expect(tokens.due()).toEqual(['u1'])
  expect(await fetch()).toMatch(/^h\./)
})

it('a refusal is told for a pod that has none, and leaves one that has its old token alone for a while', async () => {
  const { seen, tokens, fetch, pass } = bed()
  seen.refusal = new ApiError('NotFound', 'serviceaccounts "x" not found')
  await expect(fetch()).rejects.toThrow('failed to fetch token: serviceaccounts "x" not found')
  seen.refusal = undefined
  const first = await fetch()
  seen.refusal = new Error('no answer')
  pass(0.9 * hour)
  expect([await fetch(), tokens.due()]).toEqual([first, []])
  pass(61)
  expect(tokens.due()).toEqual(['u1'])
})

it('two volumes that ask for the same share a token, another audience has its own, and nothing is left of a pod that is gone', async () => {
  const { seen, tokens, fetch, pass } = bed()
  await fetch()
  await fetch()
  expect(seen.asked).toBe(1)
  await fetch(undefined, { audience: 'vault' })
  expect(seen.asked).toBe(2)
  tokens.forget('u1')
  pass(2 * hour)
  expect(tokens.due()).toEqual([])
})

it('a token from the future, as of a clock that was set back since, is renewed', async () => {
  const { fetch, tokenAt, tokens } = bed()
  const future = tokenAt(start + 24 * hour * 1000)
  expect(await fetch(future)).not.toBe(future)
  expect(tokens.due()).toEqual([])
})
