import type { X509Certificate } from 'node:crypto'
import type { Validity } from './signer.ts'

const day = 24 * 3600 * 1000
const year = 365 * day

/** No hub ever ran before it: a clock that says so is one without a battery. */
const earliest = Date.UTC(2025, 0, 1)
/** By such a clock nobody can tell what is past and what is yet to come. */
export const saysNothing = (now: number): boolean => now < earliest

/**
 * Two years, renewed at half of it: what was switched off for a year comes back with a certificate that is still good. Starts a day
 * early because the clocks of boards are wrong. Under a clock that is known to be wrong it is ten years: nobody knows which have passed.
 */
export const leafValidity = (now: number): Validity =>
  between(Math.max(now, earliest) - day, now < earliest ? earliest + 10 * year : now + 2 * year)

/** A CA outlives the boards. It is valid from before any hub, so that one made under a clock that ran ahead still works when that is set right. */
export const rootValidity = (now: number): Validity => between(earliest - year, Math.max(now, earliest) + 20 * year)

/** Certificates know whole seconds only. */
const between = (from: number, to: number): Validity => ({ notBefore: new Date(wholeSecond(from)), notAfter: new Date(wholeSecond(to)) })

const wholeSecond = (ms: number) => Math.floor(ms / 1000) * 1000

/** True when a certificate is past half of its time, or not valid by this clock. A clock before any hub says nothing. */
export function needsRenewal(certificate: Pick<X509Certificate, 'validFrom' | 'validTo'>, now: number): boolean {
  if (saysNothing(now)) return false
  const from = Date.parse(certificate.validFrom)
  const to = Date.parse(certificate.validTo)
  return now < from || now > (from + to) / 2
}
