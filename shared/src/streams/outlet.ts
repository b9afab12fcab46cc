import type { Writable } from 'node:stream'

/** What may wait in a connection before its writers do: enough that it never waits for them, and that many small pieces go out as one. */
const aheadBytes = 128 * 1024

/** Where a connection's many writers wait for room together: of their own each would be a listener, which it may have few of. */
export type Outlet = {
  /** A promise when there is no room for more, which rejects when the connection is over; with 0 unless all is on its way. */
  room(most?: number): Promise<void> | undefined
  /** Nothing is written any more: all who wait hear why. */
  end(error: Error): void
}

export function outletOf(connection: Writable): Outlet {
  let waiting: { resolve(): void; reject(error: Error): void }[] = []
  let over: Error | undefined
  const end = (error: Error) => {
    over ??= error
    for (const { reject } of waiting.splice(0)) reject(over)
  }
  connection.on('drain', () => {
    const all = waiting
    waiting = []
    for (const { resolve } of all) resolve()
  })
  connection.once('close', () => end(new Error('the connection was closed')))
  return {
    room(most = aheadBytes) {
      if (!connection.writableNeedDrain || connection.writableLength <= most) return undefined
      return over === undefined ? new Promise((resolve, reject) => waiting.push({ resolve, reject })) : Promise.reject(over)
    },
    end,
  }
}
