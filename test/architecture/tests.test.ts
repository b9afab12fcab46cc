import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname
const rooms = [
  'shared/src',
  'hub/src',
  'edge-agent/src',
  'firmware-images',
  'test/architecture',
  'test/clients',
  'test/conformance',
  'test/extending',
  'test/fault',
  'test/journeys',
]
const tests = rooms.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules') && file !== 'tests.test.ts')
    .map((file) => ({ file: join(room, file), source: readFileSync(join(root, room, file), 'utf8') })),
)
const those = (isSo: (source: string) => boolean) => tests.filter(({ source }) => isSo(source)).map(({ file }) => file)

test('no test sleeps on the real clock: what comes later is a condition that is waited for', () => {
  expect(tests.length).toBeGreaterThan(150)
  // A timeout of 0 is a turn of the loop.
  const sleeps = (source: string) => /new Promise.*setTimeout\(\w+, (?!0\))|from 'node:timers\/promises'/.test(source)
  expect(those((source) => sleeps(source) && !source.includes('vi.useFakeTimers('))).toEqual([])
})

test('no test measures how fast this machine is: figures are for npm run bench', () => {
  expect(those((source) => /expect\([^\n]*(?:performance|Date)\.now\(\) - /.test(source))).toEqual([])
})
