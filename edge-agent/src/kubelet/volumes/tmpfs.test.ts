import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mountTmpfs } from './tmpfs.ts'

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'tmpfs-'))))
afterEach(() => rmSync(dir, { recursive: true }))

/** A `mount` of a kernel that knows these options, and what it was asked for. */
const kernel = (...known: readonly string[]) => {
  const asked: string[] = []
  const run = async (_command: string, args: readonly string[]) => {
    const options = args[args.indexOf('-o') + 1] ?? ''
    asked.push(options)
    const isKnown = options.split(',').every((option) => known.includes(option.split('=')[0] ?? ''))
    return { code: isKnown ? 0 : 32, stdout: '', stderr: isKnown ? '' : 'bad option' }
  }
  return { run, asked }
}

test('memory of a volume is mounted so that it is never swapped to the card', async () => {
  const { run, asked } = kernel('mode', 'size', 'noswap')
  await mountTmpfs(join(dir, 'v'), { mode: 0o755, size: 4096, run })
  expect(asked).toEqual(['mode=755,size=4096,noswap'])
})

test('memory belongs to a group from its first moment', async () => {
  const { run, asked } = kernel('mode', 'gid', 'noswap')
  await mountTmpfs(join(dir, 'v'), { mode: 0o777, fsGroup: 1234, run })
  expect(asked).toEqual(['mode=2777,gid=1234,noswap'])
})

test('a kernel that does not know noswap mounts it without', async () => {
  const { run, asked } = kernel('mode')
  await mountTmpfs(join(dir, 'v'), { mode: 0o755, run })
  expect(asked.at(-1)).toBe('mode=755')
})

test('a mount that fails either way says why', async () => {
  const { run } = kernel()
  await expect(mountTmpfs(join(dir, 'v'), { mode: 0o755, run })).rejects.toThrow(/bad option/)
})
