import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname

test.each(['shared/src', 'hub/src', 'hub/src/apiserver', 'edge-agent/src', 'edge-agent/src/kubelet'])(
  'at the top of %s stand at most a dozen files: whoever opens it sees rooms with names',
  (folder) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true })
    expect(entries.filter((entry) => entry.isDirectory()).length).toBeGreaterThan(4)
    expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name).length).toBeLessThanOrEqual(12)
  },
)

test.each([
  ['shared/src', 'shared'],
  ['hub/src', 'hub'],
  ['hub/src/apiserver', 'hub'],
  ['edge-agent/src', 'edge-agent'],
])('every room of %s stands in the README of %s', (folder, name) => {
  const readme = readFileSync(join(root, name, 'README.md'), 'utf8').split('## Decisions')[0] ?? ''
  const rooms = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'testing')
  expect(rooms.map((room) => room.name).filter((room) => !readme.includes(`\`${room}\``))).toEqual([])
})

test('a file holds one idea: none is long, and few are longer than two screens', () => {
  const lengths = ['shared', 'hub', 'edge-agent'].flatMap((name) =>
    readdirSync(join(root, name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => ({ file: join(name, 'src', file), lines: readFileSync(join(root, name, 'src', file), 'utf8').split('\n').length })),
  )
  expect(lengths.length).toBeGreaterThan(400)
  expect(lengths.filter(({ lines }) => lines > 320)).toEqual([])
  expect(lengths.filter(({ lines }) => lines > 250).length).toBeLessThanOrEqual(20)
})
