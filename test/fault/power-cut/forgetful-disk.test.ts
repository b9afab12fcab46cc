import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rolling } from './diary.ts'
import { ForgetfulDisk } from './forgetful-disk.ts'
import type { Operation } from './recording.ts'

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'forgetful-disk-'))))
afterEach(() => rmSync(dir, { recursive: true }))

const open = (path: string, fd: number): Operation => ({ kind: 'open', fd, path, truncates: false, isFolder: path === '' })
const write = (fd: number, text: string, offset = 0): Operation => ({ kind: 'write', fd, offset, data: Buffer.from(text) })
const sync = (fd: number): Operation => ({ kind: 'sync', fd })

/** Everything that a hundred cuts at the end of these operations leave, each once: the files and what is in them. */
function outcomes(...operations: readonly Operation[]): readonly string[] {
  const disk = new ForgetfulDisk()
  for (const operation of operations) disk.do(operation)
  const random = rolling(1)
  const seen = Array.from({ length: 100 }, (_, index) => {
    const into = join(dir, `${index}`)
    rmSync(into, { recursive: true, force: true })
    disk.cutInto(into, random)
    const files = existsSync(into) ? readdirSync(into).sort() : []
    return files.map((file) => `${file}=${readFileSync(join(into, file), 'utf8')}`).join(' ')
  })
  return [...new Set(seen)].sort()
}

test('what was synced is there, whole', () => {
  expect(outcomes(open('/a', 3), write(3, 'one'), sync(3))).toEqual(['a=one'])
})

test('what was not synced is there, or in part, or not', () => {
  expect(outcomes(open('/a', 3), write(3, 'one'), sync(3), write(3, 'two'))).toEqual(['a=one', 'a=two'])
  expect(outcomes(open('/a', 3), write(3, 'one'))).toEqual(['', 'a=', 'a=one'])
  const [first, second] = ['x'.repeat(512), 'y'.repeat(512)]
  expect(outcomes(open('/a', 3), sync(3), write(3, first + second))).toContain(`a=${first}`)
  expect(outcomes(open('/a', 3), sync(3), write(3, first + second))).toContain(`a=${'\0'.repeat(512)}${second}`)
})

test('a rename that was not synced has happened or not; a synced folder has it for sure', () => {
  const replace = [
    open('/a', 3),
    write(3, 'old'),
    sync(3),
    open('/b', 4),
    write(4, 'new'),
    sync(4),
    { kind: 'rename', from: '/b', to: '/a' },
  ] as const
  expect(outcomes(...replace)).toEqual(['a=new', 'a=old b=new'])
  expect(outcomes(...replace, open('', 5), sync(5))).toEqual(['a=new'])
})

test('a file that was renamed before its content was synced may be empty', () => {
  expect(outcomes(open('/b', 4), write(4, 'new'), { kind: 'rename', from: '/b', to: '/a' }, open('', 5), sync(5))).toEqual(['a=', 'a=new'])
})
