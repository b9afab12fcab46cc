import type { X509Certificate } from 'node:crypto'

const day = 24 * 3600 * 1000
export const yearMs = 365 * day

/** No hub ever ran before it: a clock that says so is one without a battery. */
export const earliestClock = Date.UTC(2025, 0, 1)

/** Renewed at half of it: what was switched off for a year comes back with a certificate that is still good. */
export const leafLifeMs = 2 * yearMs

export type Life = { readonly from: number; readonly to: number }

export const lifeOf = ({ validFrom, validTo }: Pick<X509Certificate, 'validFrom' | 'validTo'>): Life => ({
  from: Date.parse(validFrom),
  to: Date.parse(validTo),
})

/**
 * True when half of a leaf's time is over, and when more of it is left than anybody gives: then the clock that dated it ran ahead. A
 * leaf says that it is good from long ago, so its time is counted from its end. A clock before any hub says nothing.
 */
export function isRenewalDue({ from, to }: Life, now: number): boolean {
  if (now < earliestClock) return false
  const start = Math.max(from, to - leafLifeMs)
  return now > start + (to - start) / 2 || to > now + leafLifeMs + day
}

const purposes = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' }

/** TLS judges by this machine's clock alone; what it says when that is all it does not like. */
export const isOfTime = (verdict: unknown): boolean => ['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'].includes(String(verdict))

/** What TLS would have said of a leaf, had it not stopped at the time. */
export const isIssuedBy = (leaf: X509Certificate, root: X509Certificate, use: keyof typeof purposes): boolean =>
  leaf.checkIssued(root) && leaf.verify(root.publicKey) && (leaf.keyUsage ?? []).includes(purposes[use])
