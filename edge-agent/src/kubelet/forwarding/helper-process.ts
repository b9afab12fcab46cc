import type { Socket } from 'node:net'
import { startInNetwork } from '../../host/network-process.ts'
import type { Answer, Ask } from './helper-words.ts'

export type HelperDeps = {
  /** The bundle of `helper.ts`. */
  readonly helper: URL
  /** The file of a network namespace. */
  readonly network: string
  /** It has ended, by itself or because it was told to. */
  readonly onEnd: () => void
}

/** A process inside of one network. */
export type HelperProcess = {
  /** A connected socket, of which nothing was read; both of its halves end by themselves. */
  connect(port: number, signal: AbortSignal): Promise<Socket>
  /** How many connections are asked for and not there. */
  readonly waiting: number
  end(): void
}

type Waiting = { readonly resolve: (socket: Socket) => void; readonly reject: (error: Error) => void }

/** It does nothing but connect: the smallest heap, and no threads for what V8 does beside. */
const flags = ['--max-old-space-size=16', '--max-semi-space-size=1', '--v8-pool-size=0']
const maxWordsBytes = 512

/** Starts a helper. It has nothing of the agent's environment, keeps no agent alive, and ends with it. */
export function startHelper({ helper, network, onEnd }: HelperDeps): HelperProcess {
  const child = startInNetwork({ script: helper, flags, network })
  let lastId = 0
  let words = ''
  const waiting = new Map<number, Waiting>()
  child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(0, maxWordsBytes)))

  let hasEnded = false
  const over = (why: string) => {
    if (hasEnded) return
    hasEnded = true
    for (const { reject } of waiting.values()) reject(new Error(`the pod's network could not be entered: ${why}`))
    waiting.clear()
    onEnd()
  }
  child.on('error', (error) => over(error.message)) // it could not be started, or be sent to
  child.on('close', (code, signal) => over(words.trim() || `the helper ended with ${signal ?? code}`))
  child.on('message', ({ id, error }: Answer, handle) => {
    const socket = handle as Socket | undefined // helpers send nothing else
    const asked = waiting.get(id)
    waiting.delete(id)
    if (socket !== undefined) {
      // What Node makes of a socket that it was handed ends one half with the other, unless it is told before anything is read.
      socket.allowHalfOpen = true
      socket.on('error', () => {}) // whoever reads and writes it is told
    }
    if (asked === undefined) socket?.destroy()
    else if (socket === undefined) asked.reject(new Error(error ?? 'the connection was lost on its way'))
    else asked.resolve(socket)
  })

  return {
    get waiting() {
      return waiting.size
    },
    async connect(port, signal) {
      if (hasEnded) throw new Error('the helper has ended')
      signal.throwIfAborted()
      const id = ++lastId
      return new Promise<Socket>((resolve, reject) => {
        const onAbort = () => {
          waiting.delete(id)
          reject(signal.reason as Error) // of a stream, which is one
        }
        const done = () => signal.removeEventListener('abort', onAbort)
        waiting.set(id, {
          resolve: (socket) => (done(), resolve(socket)),
          reject: (error) => (done(), reject(error)),
        })
        signal.addEventListener('abort', onAbort, { once: true })
        child.send({ id, port } satisfies Ask, () => {}) // its end tells who waits
      })
    },
    end() {
      if (child.connected) child.disconnect()
      else child.kill()
      over('the agent ended its helper')
    },
  }
}
