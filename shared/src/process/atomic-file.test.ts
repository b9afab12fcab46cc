import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFileAtomic } from './atomic-file.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'bramble-atomic-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a file is written whole, in place of the old one', () => {
  const path = join(folder, 'a', 'b')
  writeFileAtomic(path, 'old')
  writeFileAtomic(path, Buffer.alloc(100_000, 'x'))
  expect(readFileSync(path, 'utf8')).toBe('x'.repeat(100_000))
  expect(readdirSync(join(folder, 'a'))).toEqual(['b'])
})

const isRoot = process.getuid?.() === 0

test.skipIf(!isRoot)('a file that does not fit on the disk is refused and the old one stays (needs root, for a disk of 8 KiB)', () => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'none', folder])
  try {
    const path = join(folder, 'file')
    writeFileAtomic(path, 'old')
    // One page is left: the disk takes that much of it.
    expect(() => writeFileAtomic(path, 'new '.repeat(1500))).toThrow(/ENOSPC/)
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(existsSync(`${path}.new`)).toBe(false)
    writeFileAtomic(path, 'small')
    expect(readFileSync(path, 'utf8')).toBe('small')
  } finally {
    execFileSync('umount', [folder])
  }
})
