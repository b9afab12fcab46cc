import type { Aedes } from 'aedes'
import type { Readable } from 'node:stream'

/** The private tree, of which nothing may be retained (`mayRetain`). */
const privateTree = '$bramble/'

/**
 * At each subscription aedes compares the topic with every message that it retains: a fleet that comes would be compared with the availability of
 * each of its nodes. Of what is never retained nothing is looked for.
 */
export function lookForNothingRetained(aedes: Aedes): void {
  const { persistence } = aedes as unknown as { persistence: { createRetainedStreamCombi(patterns: readonly string[]): Readable } } // not in its types
  const look = persistence.createRetainedStreamCombi.bind(persistence)
  persistence.createRetainedStreamCombi = (patterns) => look(patterns.filter((pattern) => !pattern.startsWith(privateTree)))
}
