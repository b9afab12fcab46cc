import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** How many checks each section of the CIS Kubernetes Benchmark 1.10 has. */
const sections: readonly (readonly [string, number])[] = [
  ...([
    ['1.1', 21],
    ['1.2', 29],
    ['1.3', 7],
    ['1.4', 2],
    ['2', 7],
    ['3.1', 3],
    ['3.2', 2],
    ['4.1', 10],
    ['4.2', 14],
    ['4.3', 1],
  ] as const),
  ...([
    ['5.1', 13],
    ['5.2', 13],
    ['5.3', 2],
    ['5.4', 2],
    ['5.5', 1],
    ['5.7', 4],
  ] as const),
]

const rows = readFileSync('docs/security.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.slice(1, line.lastIndexOf('|')).split(/(?<!\\)\|/))
  .map(([check = '', what = '', state = '', why = '', held = '']) => {
    const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(held.trim()) ?? []
    return { check: check.trim(), what: what.trim(), state: state.trim(), why: why.trim(), held: held.trim(), file, title }
  })

describe('the page on security', () => {
  it('has a row for each check of the benchmark, in its order', () => {
    const checks = sections.flatMap(([section, count]) => Array.from({ length: count }, (_, n) => `${section}.${n + 1}`))
    expect(rows.map(({ check }) => check)).toEqual(checks)
  })

  it.each(rows)('$check is met and held by a test, or its row says why not', ({ state, why, held, file, title }) => {
    expect(['met', 'not met', 'not applicable']).toContain(state)
    if (state !== 'met') expect(why).not.toBe('')
    if (state !== 'met' && held === '') return
    expect(existsSync(file), `${held} names a file that is there`).toBe(true)
    expect(readFileSync(file, 'utf8')).toContain(title)
  })
})
