import type { Duplex } from 'node:stream'

/**
 * Gives on what two connections say to each other, each half to its own end and no faster than it is taken; resolves when both have said all, or either has gone,
 * and then both are closed. With few listeners of its own: a connection has those of everybody who waits for its end, and Node takes more than ten of a kind for
 * a leak.
 */
export async function betweenBoth(one: Duplex, other: Duplex): Promise<void> {
  const ways = [give(one, other), give(other, one)] as const
  await Promise.race([over(one, ways[0]), over(other, ways[1]), Promise.all(ways)])
  one.destroy()
  other.destroy()
}

/** Resolves when the last of it is on its way. */
const give = (from: Duplex, to: Duplex): Promise<void> =>
  new Promise((resolve) => {
    from.on('data', (bytes: Uint8Array) => {
      if (!to.destroyed && !to.write(bytes)) from.pause()
    })
    to.on('drain', () => from.resume())
    from.once('end', () => void to.end(() => resolve()))
  })

/** Who has said all may be gone before that has arrived. */
const over = (from: Duplex, said: Promise<void>): Promise<void> =>
  new Promise((resolve) => {
    const closed = () => (from.readableEnded ? void said.then(resolve) : resolve())
    from.on('error', () => {}).once('close', closed) // whose close is told as well
    if (from.destroyed) closed()
  })
