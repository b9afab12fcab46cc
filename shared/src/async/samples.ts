/** Where something that only grows, such as a store's revision, stood at a time (monotonic, in milliseconds). */
export type Sample<T> = { readonly at: number; readonly stood: T }

/** Where it stood last before `before`, and the samples needed from then on. */
export function splitSamples<T>(
  samples: readonly Sample<T>[],
  before: number,
): { readonly newest: T | undefined; readonly kept: readonly Sample<T>[] } {
  const old = samples.filter(({ at }) => at <= before)
  return { newest: old.at(-1)?.stood, kept: samples.slice(old.length) }
}
