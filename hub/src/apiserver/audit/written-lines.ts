import { once } from 'node:events'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Sink } from './audit.ts'

/** Where lines are written for good. */
export type Output = {
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

export type WrittenLinesOptions = {
  readonly output: Output
  readonly log: Log
  /** Told of lines that were taken and are lost after all. */
  readonly onLost: (lines: number) => void
  readonly maxWaitingBytes?: number
  /** How long lines are gathered before they are written. */
  readonly gatherMs?: number
}

/** A storm of 4,000 Events; beyond it they are lost, because nobody's request waits for a card. */
const defaultWaitingBytes = 4 * 1024 * 1024
/** A card writes 4 KiB as fast as a line. */
const defaultGatherMs = 1000
/** What is left is written within, when the hub stops. */
const stoppingMs = 2000
/** At once. */
const batchBytes = 256 * 1024

/** Writes lines in batches, beside everything else: what cannot be written is counted and told of, and holds up nobody. */
export function writtenLines({
  output,
  log,
  onLost,
  maxWaitingBytes = defaultWaitingBytes,
  gatherMs = defaultGatherMs,
}: WrittenLinesOptions): Sink & { readonly service: Service } {
  let waiting: string[] = []
  let waitingBytes = 0
  let wake: (() => void) | undefined
  let isFailing = false

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch: string[] = []
      for (let bytes = 0; batch.length < waiting.length && bytes < batchBytes;) {
        const line = waiting[batch.length] ?? ''
        batch.push(line)
        bytes += line.length
      }
      waiting = waiting.slice(batch.length)
      const text = batch.map((line) => `${line}\n`).join('')
      try {
        await output.write(Buffer.from(text))
        if (isFailing) log.info({}, 'the audit log is written again')
        isFailing = false
      } catch (error) {
        onLost(batch.length)
        if (!isFailing) log.warn({ error: messageOf(error) }, 'the audit log cannot be written: events are lost until it can')
        isFailing = true
      }
      waitingBytes -= text.length
    }
  }

  return {
    name: 'log',
    take(text) {
      if (waitingBytes + text.length + 1 > maxWaitingBytes) return false
      waiting.push(text)
      waitingBytes += text.length + 1
      wake?.()
      return true
    },
    service: {
      name: 'audit-log',
      async run(signal) {
        const stopped = signal.aborted ? Promise.resolve() : once(signal, 'abort')
        let writing = Promise.resolve()
        try {
          while (!signal.aborted) {
            const due = new Promise<void>((resolve) => (wake = resolve))
            if (waiting.length === 0) await Promise.race([due, stopped])
            wake = undefined
            await sleep(gatherMs, signal).catch(() => {}) // told below
            writing = writeAll()
            await Promise.race([writing, stopped])
          }
        } finally {
          // A disk or a reader that hangs keeps no hub from stopping.
          const inTime = new AbortController()
          const last = writing.then(writeAll).then(() => output.close())
          await Promise.race([last, sleep(stoppingMs, inTime.signal).catch(() => {})])
          inTime.abort()
        }
      },
    },
  }
}

/** What a process prints, for `--audit-log-path -`. */
export const standardOutput = (stream: NodeJS.WritableStream): Output => ({
  write: (bytes) => new Promise((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve()))),
  close: async () => {},
})
