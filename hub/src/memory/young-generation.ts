import { setFlagsFromString } from 'node:v8'
import { every } from '@bramble/shared/async/every.ts'
import type { Service } from '@bramble/shared/process/service.ts'

/** They take 40 MiB and more by themselves. */
const fleetNodes = 128
const lookMs = 2000

/**
 * How far the young generation of this thread may grow: not beyond its first size (`bin/bramble`), until the hub serves a fleet. What hundreds of
 * nodes have said waits for the disk at the same time, is found alive by each collection, and then costs one of the whole heap.
 *
 * V8 asks for the factor whenever it would grow, and takes it for 2 again with each thread that starts: it is said anew then.
 */
export type YoungGeneration = {
  /** The service that lets it grow while so many nodes are connected. */
  growingWith(nodes: () => number): Service
}

export function heldSmall(): YoungGeneration {
  // What `bin/bramble` says of the first size is meant for this thread, whose heap is there: others begin as small as V8 lets them.
  setFlagsFromString('--min-semi-space-size=0')
  let mayGrow = false
  const settle = () => setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`)
  settle()
  process.on('worker', (worker) => worker.prependOnceListener('online', settle))
  return {
    growingWith: (nodes) => ({
      name: 'young-generation',
      async run(signal) {
        for await (const _ of every(lookMs, signal)) {
          if (nodes() >= fleetNodes === mayGrow) continue
          mayGrow = !mayGrow
          settle()
        }
      },
    }),
  }
}
