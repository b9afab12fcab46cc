/** How many pods of a kind are on each node that has any. */
export type CountsByNode = ReadonlyMap<string, number>

/** What is counted down to nothing is not kept. */
export function add<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}
