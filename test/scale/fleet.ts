import { fork } from 'node:child_process'
import { once, setMaxListeners } from 'node:events'
import { setPriority } from 'node:os'
import type { Credentials } from '@bramble/edge-agent/link/identity/credentials.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { runAgent } from './agent.ts'

export const fleetWord = '--fleet'

type Order =
  | { readonly type: 'join'; readonly hubUrl: string; readonly credentials: readonly Credentials[] }
  | { readonly type: 'tell' | 'hush' }
  | { readonly type: 'again'; readonly restarts: number }
type Report = { readonly joined: number; readonly told: number; readonly retries: number; readonly lastRetry: string | undefined }

/** So many at once; boards of one house that come back after a power cut are no more polite, and the hub lets strangers in by dozens. */
const joiningAtOnce = 32
const reportMs = 100

export type SimulatedFleet = {
  /** Resolves when all are there. */
  join(hubUrl: string, credentials: readonly Credentials[]): Promise<void>
  /** From now on they tell that their pods run; `hush`: they keep it to themselves. */
  tell(): void
  hush(): void
  /** They tell once more of all that they have told of, with so many restarts. */
  again(restarts: number): void
  /** Pods that were told of so far. */
  readonly told: () => number
  /** How often an agent had to say something again or to begin anew, and why at last. */
  readonly retries: () => string
  end(): Promise<void>
}

/** Thousands of simulated agents in one process of their own, which gives way to the hub. */
export function startFleet(): SimulatedFleet {
  const child = fork(process.argv[1] ?? '', [fleetWord])
  let report: Report = { joined: 0, told: 0, retries: 0, lastRetry: undefined }
  child.on('message', (message) => (report = message as Report)) // our own process, see below
  const order = (order: Order) => void child.send(order)
  return {
    async join(hubUrl, credentials) {
      order({ type: 'join', hubUrl, credentials })
      while (report.joined < credentials.length) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`the simulated agents' process exited with ${child.exitCode ?? child.signalCode}`)
        await new Promise((resolve) => setTimeout(resolve, reportMs))
      }
    },
    tell: () => order({ type: 'tell' }),
    hush: () => order({ type: 'hush' }),
    again: (restarts) => order({ type: 'again', restarts }),
    told: () => report.told,
    retries: () => `${report.retries}${report.lastRetry === undefined ? '' : ` (${report.lastRetry})`}`,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** The fleet's own process. */
export function fleet(): void {
  setPriority(10)
  const signal = new AbortController().signal
  setMaxListeners(0, signal)
  let [joined, told, retries] = [0, 0, 0]
  let lastRetry: string | undefined
  let open: (() => void) | undefined
  const tellers: ((restarts: number) => void)[] = []
  let gate: Promise<void> = Promise.resolve()
  // Who asked may be gone before this process hears that.
  const unheard = () => {}
  setInterval(() => process.send?.({ joined, told, retries, lastRetry } satisfies Report, undefined, {}, unheard), reportMs)

  const joinAll = async (hubUrl: string, credentials: readonly Credentials[]) => {
    let next = 0
    const oneByOne = async () => {
      while (next < credentials.length) {
        const own = credentials[next++] as Credentials // below the length
        await new Promise<void>((resolve) => {
          let isIn = false
          const onJoined = () => {
            if (!isIn) joined += 1
            isIn = true
            resolve()
          }
          const onRetry = (error: unknown) => {
            retries += 1
            lastRetry = messageOf(error)
          }
          void runAgent(
            {
              hubUrl,
              credentials: own,
              mayTell: () => gate,
              onJoined,
              onTold: () => void (told += 1),
              onFirst: (teller) => void tellers.push(teller),
              onRetry,
            },
            signal,
          )
        })
      }
    }
    await Promise.all(Array.from({ length: joiningAtOnce }, oneByOne))
  }
  process.on('message', (message) => {
    const order = message as Order // of our own parent
    switch (order.type) {
      case 'join':
        return void joinAll(order.hubUrl, order.credentials)
      case 'tell':
        open?.()
        open = undefined
        return
      case 'hush':
        if (open === undefined) gate = new Promise((resolve) => (open = resolve))
        return
      case 'again':
        for (const teller of tellers) teller(order.restarts)
        return
      default:
        return order satisfies never
    }
  })
  process.on('disconnect', () => process.exit(0))
}
