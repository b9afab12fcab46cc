import type { Cache } from '../../cache/cache.ts'
import type { Source } from '../../cache/source.ts'

export type Meeting = { readonly source: Source; readonly facts: Cache['facts']; readonly hub?: string }

const hubFact = 'hub'

/** At each connection: a hub that is another than the one that was followed last has versions of its own, and wants what it wants. */
export function meetHub({ source, facts, hub }: Meeting): void {
  const known = facts.get(hubFact)
  if (hub === undefined || known === hub) return
  if (known !== undefined) source.startOver()
  facts.set(hubFact, hub)
}
