export type BatchBounds = { readonly max: number; readonly maxBytes?: number; readonly bytesOf?: (value: unknown) => number }

/**
 * What a source has ready, as arrays of up to `max`, ended by the one that reaches `maxBytes`: a burst of watch events becomes one write to the disk. A single item is not
 * held back. The source must end by itself when its reader stops (by its signal), because a pending read cannot be taken back.
 */
export async function* inBatches<T>(
  source: AsyncIterable<T>,
  { max, maxBytes = Infinity, bytesOf = () => 0 }: BatchBounds,
): AsyncGenerator<readonly T[]> {
  const iterator = source[Symbol.asyncIterator]()
  const read = () => {
    const next = iterator.next()
    next.catch(() => {}) // it may fail while the batch before is being worked on; it is awaited after that
    return next
  }
  let next = read()
  for (;;) {
    const first = await next
    if (first.done) return
    const batch = [first.value]
    let bytes = bytesOf(first.value)
    next = read()
    while (batch.length < max && bytes < maxBytes) {
      const more = await Promise.race([next, nothingReady()]).catch(() => undefined) // its error comes after this batch
      if (more === undefined || more.done) break
      batch.push(more.value)
      bytes += bytesOf(more.value)
      next = read()
    }
    yield batch
  }
}

/** Resolves after everything that is ready now. */
const nothingReady = (): Promise<undefined> => new Promise((resolve) => setImmediate(() => resolve(undefined)))
