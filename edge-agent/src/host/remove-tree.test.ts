import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { execOk } from './exec.ts'
import { unmountUnder } from './mounts.ts'
import { removeTree } from './remove-tree.ts'

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'remove-tree-'))))
afterEach(async () => {
  await unmountUnder([dir])
  rmSync(dir, { recursive: true, force: true })
})

test('what a pod made goes, what its links lead to stays', async () => {
  mkdirSync(join(dir, 'outside'))
  writeFileSync(join(dir, 'outside/kept'), '')
  mkdirSync(join(dir, 'pod/a/b'), { recursive: true })
  writeFileSync(join(dir, 'pod/a/b/file'), '')
  symlinkSync(join(dir, 'outside'), join(dir, 'pod/a/link'))
  await execOk('mkfifo', [join(dir, 'pod/fifo')])
  await removeTree(join(dir, 'pod'))
  expect(readdirSync(dir)).toEqual(['outside'])
  expect(readdirSync(join(dir, 'outside'))).toEqual(['kept'])
  await removeTree(join(dir, 'pod'))
  await removeTree(join(dir, 'nowhere/pod'))
})

test('a link in the place of the folder goes alone', async () => {
  mkdirSync(join(dir, 'outside/x'), { recursive: true })
  symlinkSync(join(dir, 'outside'), join(dir, 'pod'))
  await removeTree(join(dir, 'pod'))
  expect(readdirSync(dir)).toEqual(['outside'])
  expect(readdirSync(join(dir, 'outside'))).toEqual(['x'])
})

test('a tree that is deeper than any path can be goes as well', async () => {
  mkdirSync(join(dir, 'pod'))
  await execOk('sh', [
    '-c',
    'cd "$1"; i=0; while [ $i -lt 300 ]; do mkdir aaaaaaaaaaaaaaaa; cd -P ./aaaaaaaaaaaaaaaa; i=$((i+1)); done; echo > f',
    'sh',
    join(dir, 'pod'),
  ])
  await removeTree(join(dir, 'pod'))
  expect(readdirSync(dir)).toEqual([])
})

test.skipIf(process.getuid?.() !== 0).each(['pod', 'pod/a'])(
  'a mount at %s is not entered: what is on it stays, and one hears of it',
  async (at) => {
    mkdirSync(join(dir, 'outside'))
    writeFileSync(join(dir, 'outside/kept'), '')
    mkdirSync(join(dir, at), { recursive: true })
    await execOk('mount', ['--bind', join(dir, 'outside'), join(dir, at)])
    await expect(removeTree(join(dir, 'pod'))).rejects.toThrow()
    expect(existsSync(join(dir, 'outside/kept'))).toBe(true)
  },
)
