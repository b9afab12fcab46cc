import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { mountsUnder } from '../host/mounts.ts'
import { createContainerd, sandboxImage } from './containerd.ts'
import { hasImage, importImage } from './images.ts'
import { ociArchive } from './oci-archive.ts'

const available = process.getuid?.() === 0 && existsSync('/usr/bin/containerd')
const dir = mkdtempSync(join(tmpdir(), 'bramble-containerd-'))
const runDir = join(dir, 'run')
const create = () => createContainerd({ dir, runDir, cniBinDir: '/usr/lib/cni', log: silentLog })
const pid = () => readFileSync(join(runDir, 'containerd.pid'), 'utf8').split(' ')[0]

describe.skipIf(!available)(`the agent's own containerd${available ? '' : ' (skipped: needs root and containerd)'}`, () => {
  const { signal } = new AbortController()
  afterAll(async () => {
    await create().stop()
    rmSync(dir, { recursive: true })
  })

  it('starts with the sandbox image in it, and a second agent adopts the same process', async () => {
    const containerd = create()
    await containerd.ensure(signal)
    expect(await hasImage(containerd.socket, sandboxImage)).toBe(true)
    const first = pid()
    await create().ensure(signal)
    expect(pid()).toBe(first)
  })

  it('takes an image of another architecture', async () => {
    const { socket } = create()
    const file = join(dir, 'other.tar')
    const name = 'docker.io/library/other:1'
    writeFileSync(
      file,
      ociArchive({
        name,
        architecture: process.arch === 'arm64' ? 'amd64' : 'arm64',
        files: [{ path: 'hello', mode: 0o755, data: Buffer.from('x') }],
        config: { Entrypoint: ['/hello'] },
      }),
    )
    await importImage(socket, file)
    expect(await hasImage(socket, name)).toBe(true)
  })

  it('says what is wrong with a file that is no image', async () => {
    const { socket } = create()
    const file = join(dir, 'broken.tar')
    writeFileSync(file, 'not a tar')
    await expect(importImage(socket, file)).rejects.toThrow(/images import.*exited with 1: ctr: /)
  })

  it('stops without leaving a process, a mount or a running state', async () => {
    const before = pid()
    await create().stop()
    await expect.poll(() => existsSync(`/proc/${before}`)).toBe(false)
    expect(mountsUnder([dir])).toEqual([])
    expect(existsSync(runDir)).toBe(false)
  })
})
