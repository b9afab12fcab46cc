import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { execOk } from '../../host/exec.ts'
import { mountsUnder, unmountUnder } from '../../host/mounts.ts'
import { bindSubPath } from './sub-path.ts'

describe.skipIf(process.getuid?.() !== 0)('the subPath of a volume (needs root: it mounts)', () => {
  let dir: string
  let volume: string
  let target: string
  let before: number
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kubelet-subpath-'))
    volume = join(dir, 'volume')
    target = join(dir, 'bound')
    mkdirSync(volume)
    mkdirSync(join(dir, 'outside'))
    writeFileSync(join(dir, 'outside/host-file'), 'of the host')
    before = process.umask(0o077)
  })
  afterEach(async () => {
    process.umask(before)
    await unmountUnder([dir])
    rmSync(dir, { recursive: true })
  })

  it('is made with the mode and the owner of its volume, whatever the umask is', async () => {
    await execOk('chown', ['7:1234', volume])
    await execOk('chmod', ['2777', volume])
    await bindSubPath(volume, 'a/b', target)
    for (const path of ['volume/a', 'volume/a/b', 'bound'])
      expect(lstatSync(join(dir, path))).toMatchObject({ mode: 0o42777, uid: 7, gid: 1234 })
  })

  it('binds the very folder that was checked when a sibling container swaps it for a link in between', async () => {
    mkdirSync(join(volume, 'a'))
    writeFileSync(join(volume, 'a/inside'), '')
    await bindSubPath(volume, 'a', target, (command, args) => {
      renameSync(join(volume, 'a'), join(volume, 'b'))
      symlinkSync(join(dir, 'outside'), join(volume, 'a'))
      return execOk(command, args)
    })
    expect(readdirSync(target)).toEqual(['inside'])
  })

  it('follows the links of a ConfigMap to its file, and keeps that file', async () => {
    mkdirSync(join(volume, '..1'))
    writeFileSync(join(volume, '..1/key'), 'value')
    symlinkSync('..1', join(volume, '..data'))
    symlinkSync('..data/key', join(volume, 'key'))
    await bindSubPath(volume, 'key', target)
    expect(readFileSync(target, 'utf8')).toBe('value')
  })

  it.each([
    ['a', (at: string, outside: string) => symlinkSync(outside, join(at, 'a'))],
    ['a/host-file', (at: string, outside: string) => symlinkSync(outside, join(at, 'a'))],
    ['a/new', (at: string) => symlinkSync('/nowhere-yet', join(at, 'a'))],
    ['a', (at: string) => symlinkSync('/nowhere-yet', join(at, 'a'))],
    ['..', () => {}],
    ['/a', () => {}],
    ['a/../../outside', () => {}],
  ])('%s that leads out of the volume is refused and nothing is bound or made', async (below, plant) => {
    plant(volume, join(dir, 'outside'))
    await expect(bindSubPath(volume, below, target)).rejects.toThrow()
    expect(mountsUnder([dir])).toEqual([])
    expect(readdirSync(join(dir, 'outside'))).toEqual(['host-file'])
  })

  it('is bound once, however often the agent starts, and anew when another place has the name', async () => {
    await bindSubPath(volume, 'a', target)
    await bindSubPath(volume, 'a', target)
    expect(mountsUnder([dir])).toEqual([target])
    renameSync(join(volume, 'a'), join(volume, 'old'))
    mkdirSync(join(volume, 'a'))
    writeFileSync(join(volume, 'a/new'), '')
    await bindSubPath(volume, 'a', target)
    expect(mountsUnder([dir])).toEqual([target])
    expect(readdirSync(target)).toEqual(['new'])
  })
})
