/**
 * The items of a generator that reads from something opened before it. A generator's body, and with it its `finally`, does not run
 * before the first `next`: one that is never asked would leave open what it reads from. `close` is called whenever the reader
 * returns early, and must bear to be called twice.
 */
export function openedBefore<T>(items: AsyncGenerator<T>, close: () => void): AsyncIterable<T> {
  const iterator: AsyncIterableIterator<T> = {
    next: () => items.next(),
    return(value: unknown) {
      close()
      return items.return(value)
    },
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}
