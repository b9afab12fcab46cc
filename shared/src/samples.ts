/** Where a counter that only grows, such as the store's revision, stood at a time (monotonic, in milliseconds). */
export type Sample = { readonly at: number; readonly revision: number }

/** The newest revision that is older than `before`, and the samples needed from then on. */
export function splitSamples(
  samples: readonly Sample[],
  before: number,
): { readonly revision: number | undefined; readonly kept: readonly Sample[] } {
  const old = samples.filter(({ at }) => at <= before)
  return { revision: old.at(-1)?.revision, kept: samples.slice(old.length) }
}
