import { parentPort, workerData } from 'node:worker_threads'
import { targets } from './all-targets.ts'
import { runTarget } from './run.ts'

export type Work = {
  readonly target: string
  readonly inputs: number
  readonly seed: string
  readonly from: number
  readonly beats: Int32Array<SharedArrayBuffer>
}
export type Message = { readonly found: readonly string[]; readonly slowestMs: number; readonly slowestIndex: number }

const { target: name, beats, ...how } = workerData as Work // given by main.ts alone
const target = targets.find((each) => each.name === name)
if (target === undefined) throw new Error(`there is no target ${name}`)
const { found, slowestMs, slowestIndex } = await runTarget(target, { ...how, onInput: (index) => Atomics.store(beats, 0, index) })
const text = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error))
const message: Message = {
  found: found.map(({ index, input, error }) => `input ${index}: ${input}\n    ${text(error)}`),
  slowestMs,
  slowestIndex,
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
parentPort?.postMessage(message)
