import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../../shared/src/process/service.ts'
import { diaryName, type Entry, Expected, rolling } from './diary.ts'
import { ForgetfulDisk } from './forgetful-disk.ts'
import type { Operation } from './recording.ts'

export type CutResult = { readonly cuts: number; readonly failures: readonly { readonly at: number; readonly why: string }[] }

/** Starts on what a power cut left, with nobody helping; throws when it cannot, or when something acknowledged is lost or torn. */
export type StartAgain = (home: string, expected: Expected) => Promise<void>

export type Cuts = {
  readonly operations: readonly Operation[]
  readonly startAgain: StartAgain
  readonly cuts: number
  readonly seed: number
}

/** Cuts the power at so many points of a recorded life, and starts again on what each cut left. */
export async function cutPower({ operations, startAgain, cuts, seed }: Cuts): Promise<CutResult> {
  const random = rolling(seed)
  // Where the diary is written nothing happens to the disk.
  const entryIn = createDiaryReader()
  const events = operations.flatMap((operation, index) => (entryIn(operation) === undefined ? [index] : []))
  const points = Array.from({ length: cuts }, () => events[Math.floor(random() * events.length)] ?? 0).sort((a, b) => a - b)
  const folder = mkdtempSync(join(tmpdir(), 'power-cut-'))
  const disk = new ForgetfulDisk()
  const expected = new Expected()
  const entryOf = createDiaryReader()
  const failures: { at: number; why: string }[] = []
  let done = 0
  try {
    for (const [index, at] of points.entries()) {
      for (; done < at; done++) {
        const operation = operations[done] as Operation // within bounds
        const entry = entryOf(operation)
        if (entry === undefined) disk.do(operation)
        else if (entry !== 'opened') expected.read(entry)
      }
      const home = join(folder, `${index}`)
      mkdirSync(home)
      disk.cutInto(home, random)
      await startAgain(home, expected).catch((error: unknown) => failures.push({ at, why: messageOf(error) }))
      rmSync(home, { recursive: true })
    }
    return { cuts, failures }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What an operation says in the diary; undefined for everything else. */
function createDiaryReader() {
  let fd: number | undefined
  return (operation: Operation): Entry | 'opened' | undefined => {
    if (operation.kind === 'open' && operation.path === diaryName) {
      fd = operation.fd
      return 'opened'
    }
    if (operation.kind !== 'write' || operation.fd !== fd) return undefined
    return JSON.parse(operation.data.toString()) as Entry // our own line
  }
}
