import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Mutant } from '../mutants/mutant.ts'

const root = new URL('../../', import.meta.url).pathname
const rooms = import.meta.glob('../mutants/*.ts', { eager: true }) as Record<string, { readonly mutants?: readonly Mutant[] }> // as they export
const mutants = new Set(Object.values(rooms).flatMap(({ mutants = [] }) => mutants.map(({ why }) => why)))

const rows = readFileSync(join(root, 'test/faults.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| [A-G]/.test(line))
  .map((line) => {
    const [, number = '', fault = '', test = '', mutant = ''] = line.split('|').map((cell) => cell.trim())
    const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(test) ?? []
    return { number, fault, file, title, mutant }
  })

/** The highest number of each room. */
const numbers = { A: 5, B: 12, C: 14, D: 14, E: 3 }

test('each fault of the first version has a test that is there, and the mutants named with them are', () => {
  const all = Object.entries(numbers).flatMap(([room, count]) => Array.from({ length: count }, (_, index) => `${room}${index + 1}`))
  expect([...all, 'F', 'G'].filter((number) => !rows.some((row) => row.number === number))).toEqual([])
  // A title may be written with another quote than it needs.
  const titlesIn = (file: string) =>
    existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8').replaceAll(/\\(['"])/g, '$1') : ''
  expect(rows.filter(({ file, title }) => title === '' || !titlesIn(file).includes(title))).toEqual([])
  expect(rows.filter(({ mutant }) => mutant !== '' && !mutants.has(mutant))).toEqual([])
})
