import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Mutant } from '../mutants/mutant.ts'

const root = new URL('../../', import.meta.url).pathname
const rooms = import.meta.glob('../mutants/*.ts', { eager: true }) as Record<string, { readonly mutants?: readonly Mutant[] }> // as they export
const mutants = Object.entries(rooms).flatMap(([path, { mutants = [] }]) =>
  mutants.map((each) => ({ room: basename(path, '.ts'), ...each })),
)

// `npm run mutants` takes many minutes and plants none when one has lost its place, so the change that moves the code is told here.
test('each mutant still has its place in the sources, and tests that are there', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(60)
  const lost = mutants.filter(({ file, search, replace, tests }) => {
    if ([file, ...tests].some((path) => !existsSync(join(root, path))) || tests.length === 0) return true
    return search === replace || readFileSync(join(root, file), 'utf8').split(search).length !== 2
  })
  expect(lost).toEqual([])
})
