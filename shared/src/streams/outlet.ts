import type { Writable } from 'node:stream'

/** What may wait in a connection before its writers do: enough that it never waits for them, and that many small pieces go out as one. */
const aheadBytes = 128 * 1024

/** Where a connection's many writers wait for room together: of their own each would be a listener, which it may have few of. */
export type Outlet = {
  /** A promise when there is no room for more, which rejects when the connection is over; with 0 unless all is on its way. */
  room(most?: number): Promise<void> | undefined
  /** The same for who is called back, at once when there is room. */
  whenRoom(done: (error?: Error) => void): void
  /** Nothing is written any more: all who wait hear why. */
  end(error: Error): void
}

export function outletOf(connection: Writable): Outlet {
  const waiting: ((error?: Error) => void)[] = []
  let over: Error | undefined
  const end = (error: Error) => {
    over ??= error
    for (const done of waiting.splice(0)) done(over)
  }
  const hasRoom = (most: number) => !connection.writableNeedDrain || connection.writableLength <= most
  const wait = (done: (error?: Error) => void) => (over === undefined ? waiting.push(done) : done(over))
  connection.on('drain', () => {
    for (const done of waiting.splice(0)) done()
  })
  connection.once('close', () => end(new Error('the connection was closed')))
  return {
    room(most = aheadBytes) {
      if (hasRoom(most)) return undefined
      return new Promise((resolve, reject) => wait((error) => (error === undefined ? resolve() : reject(error))))
    },
    whenRoom(done) {
      if (hasRoom(aheadBytes)) done()
      else wait(done)
    },
    end,
  }
}
