/** Does the work for each item, begun in their order and so many at once. Throws the first failure when nothing is under way any more; no item is begun after it. */
export async function several<T>(items: Iterable<T>, atOnce: number, work: (item: T, index: number) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]()
  let count = 0
  let failure: { readonly error: unknown } | undefined
  const worker = async () => {
    while (failure === undefined) {
      const next = left.next()
      if (next.done === true) return
      try {
        await work(next.value, count++)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  if (failure !== undefined) throw failure.error
}
