import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it, test } from 'vitest'
import { createRestWatch } from './at-rest.ts'

/** At which looks it is time, by what the processors did between them (milliseconds) and what the heap takes (MiB). */
function timesOf(looks: readonly (readonly [ms: number, mib: number])[], collectionMs = 0): readonly number[] {
  const watch = createRestWatch()
  let cpuMs = 0
  return looks.flatMap(([ms, mib], index) => {
    if (!watch.isTime({ cpuMs: (cpuMs += ms), heapBytes: mib * 1024 * 1024 })) return []
    watch.collected((cpuMs += collectionMs))
    return [index]
  })
}

test('it is time when the hub comes to rest after it has started, as long as it helps, and then no more', () => {
  const at = [1500, 30] as const
  expect(timesOf([at, [10, 30], [90, 26], [90, 25], [80, 24.5], [10, 24.5], [10, 30]])).toEqual([1, 2, 3])
})

test('so it is after each burst, and not in its midst', () => {
  const rest = [10, 20] as const
  expect(timesOf([[10, 30], rest, rest, rest, [1800, 60], [900, 70], [10, 70], [90, 40], [90, 39.5], [10, 39.5]])).toEqual([0, 1, 6, 7])
})

test('what begins in the midst of it is collected when it is over', () => {
  expect(
    timesOf([
      [10, 30],
      [1900, 60],
      [1900, 65],
      [10, 65],
      [10, 65],
      [90, 35],
    ]),
  ).toEqual([0, 4, 5])
})

test('a large heap is left to V8, whose collections go in steps, until it has become small', () => {
  expect(
    timesOf([
      [10, 200],
      [10, 200],
      [10, 90],
    ]),
  ).toEqual([2])
})

test('what a collection itself takes of a slow board is no work that would keep it from the next one', () => {
  const rest = (mib: number) => [10, mib] as const
  expect(timesOf([rest(112), rest(101), rest(93), rest(92.5)], 600)).toEqual([0, 1, 2])
})

const program = `
  import { getHeapSpaceStatistics } from 'node:v8'
  import { collect } from './at-rest.ts'
  let kept = []
  for (let index = 0; index < 400_000; index++) kept.push({ index, text: 'text ' + index })
  // One of a hundred stays, in every page.
  kept = kept.filter((_, index) => index % 100 === 0)
  const looks = Array.from({ length: 8 }, () => {
    const size = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space').physical_space_size
    collect()
    return size
  })
  console.log(JSON.stringify({ before: looks[0], after: Math.min(...looks.slice(1)), gc: typeof gc, kept: kept.length }))
`

it('gives back what only scattered objects held, and leaves the program no way to collect', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rest-'))
  try {
    const outfile = join(folder, 'program.mjs')
    const resolveDir = new URL('.', import.meta.url).pathname
    await build({ stdin: { contents: program, resolveDir, loader: 'ts' }, outfile, bundle: true, platform: 'node', format: 'esm' })
    const told = execFileSync(process.execPath, [outfile], { encoding: 'utf8' })
    // Of the old space: the young one shrinks when it likes. V8 sweeps beside the program: what was collected may be given back with a later look.
    const { before, after, gc } = JSON.parse(told) as { readonly before: number; readonly after: number; readonly gc: string }
    expect(after).toBeLessThan(before / 2)
    expect(gc).toBe('undefined')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
