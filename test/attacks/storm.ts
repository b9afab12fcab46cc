import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { type Attack, defineAttack, type Victim } from './attack.ts'

/** One connection of a storm, from this address; the storm lets it go when it closes, and opens the next. */
export type OpenStranger = (victim: Victim, localAddress: string) => Socket

const joinWithinMs = 5000
const growing = 3000
// All of this machine; for the hub they are two.
const rounds = [
  { localAddress: '127.0.0.2', words: 'from elsewhere' },
  { localAddress: '127.0.0.1', words: 'from the address of the storm' },
]

/**
 * So many strangers at once for some seconds, again and again when they are sent away. In the middle an honest machine joins: from
 * another address than the storm's, and from the very same. Answers how long that took, and by how much the hub's log has grown.
 */
export const defineStorm = (name: string, atOnce: number, open: OpenStranger): Attack =>
  defineAttack(name, async (victim) => {
    const logBytes = () => statSync(victim.cluster.layout.hubLog).size
    const before = logBytes()
    const seen: string[] = []
    let opened = 0
    let slowestMs = 0
    for (const [index, { localAddress, words }] of rounds.entries()) {
      const token = await victim.token()
      using over = linkSignals() // hundreds listen to it
      const strangers = Array.from({ length: atOnce }, async () => {
        while (!over.signal.aborted) {
          opened += 1
          await closed(open(victim, localAddress), over.signal)
          await victim.pause(10)
        }
      })
      await victim.pause(growing)
      const ms = await victim.join(token, `honest-${name}-${index}`)
      slowestMs = Math.max(slowestMs, ms)
      seen.push(`${words} in ${ms.toFixed(0)} ms`)
      over.abort()
      await Promise.all(strangers)
    }
    const told = `${opened} connections; joined ${seen.join(', ')}; log +${((logBytes() - before) / 1024).toFixed(0)} KiB`
    if (slowestMs > joinWithinMs) throw new Error(`more than ${joinWithinMs} ms to join: ${told}`)
    return told
  })

const closed = (socket: Socket, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => socket.destroy()
    socket.on('error', () => {})
    socket.once('close', () => {
      signal.removeEventListener('abort', end)
      resolve()
    })
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
