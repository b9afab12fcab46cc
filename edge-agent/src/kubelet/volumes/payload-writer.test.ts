import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Payload, Source } from './payload.ts'
import { writePayload } from './payload-writer.ts'

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'payload-'))))
afterEach(() => rmSync(dir, { recursive: true }))

const payload = (files: Readonly<Record<string, string>>): Payload =>
  new Map(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode: 0o644 }]))

test('of two sources with the same path the later one has it', async () => {
  await writePayload(dir, [() => payload({ a: 'first', b: 'b' }), () => payload({ a: 'second' })])
  expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('second')
  expect(readFileSync(join(dir, 'b'), 'utf8')).toBe('b')
})

test.each<[string, (turn: number) => Payload]>([
  ['says something else', (turn) => payload({ a: `${turn}` })],
  ['has a file less', (turn) => payload(turn === 0 ? { a: '', b: '' } : { a: '' })],
  ['has a file more', (turn) => payload(turn === 0 ? { a: '' } : { a: '', b: '' })],
])('an object that %s when it is read again is not shown in parts', async (_how, at) => {
  let turn = 0
  const source: Source = () => at(turn++)
  await expect(writePayload(dir, [source])).rejects.toThrow('changed while it was written')
  expect(readdirSync(dir)).toEqual([])
})

test('a volume whose few files stand in hundreds of thousands of folders is refused before one is made', async () => {
  const files = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`${index}/${'d/'.repeat(1900)}f`, '']))
  await expect(writePayload(dir, [() => payload(files)])).rejects.toThrow(
    /its paths, such as "\d\/d.*, have more than 10000 folders together/,
  )
  expect(readdirSync(dir)).toEqual([])
})

test('folders are looked up, not compared with every path, when an object may have changed', async () => {
  const files = payload(Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`${index}/a/b/f`, 'x'])))
  await writePayload(dir, [() => files])
  const startsWith = vi.spyOn(String.prototype, 'startsWith')
  await writePayload(dir, [() => files])
  const compared = startsWith.mock.calls.length
  startsWith.mockRestore()
  expect(compared).toBeLessThan(10_000)
})
