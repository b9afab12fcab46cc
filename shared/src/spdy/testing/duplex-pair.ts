import { Duplex } from 'node:stream'

/** Two ends of one connection in memory, each with the backpressure of a socket. */
export function duplexPair(): readonly [Duplex, Duplex] {
  const ends: Duplex[] = []
  const waiting: ((() => void) | undefined)[] = []
  const other = (index: number): Duplex => ends[1 - index] as Duplex // both are there before anybody speaks
  for (const index of [0, 1]) {
    let taken = () => {}
    const end = new Duplex({
      allowHalfOpen: true,
      read() {
        taken()
      },
      write(chunk: Uint8Array, _encoding, done) {
        if (other(index).destroyed) return done(new Error('the other end is gone'))
        if (other(index).push(chunk)) return done()
        waiting[1 - index] = done
      },
      final(done) {
        other(index).push(null)
        done()
      },
      destroy(error, done) {
        if (!other(index).destroyed) setImmediate(() => other(index).destroy())
        done(error)
      },
    })
    taken = () => {
      const done = waiting[index]
      waiting[index] = undefined
      done?.()
    }
    ends.push(end)
  }
  return [ends[0] as Duplex, ends[1] as Duplex]
}
