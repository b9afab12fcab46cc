import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { createLog } from '@bramble/shared/logging/log.ts'
import { createCri } from '../cri/client.ts'
import { createContainerd } from './containerd.ts'
import { hasImage, importImage } from './images.ts'
import { ociArchive } from './oci-archive.ts'

const available = process.getuid?.() === 0 && existsSync('/usr/bin/containerd')

describe.skipIf(!available)(`a containerd whose records are damaged${available ? '' : ' (skipped: needs root and containerd)'}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'bramble-damaged-'))
  const runDir = join(dir, 'run')
  const records = join(dir, 'root/io.containerd.metadata.v1.bolt/meta.db')
  const name = 'registry.example/app:1'
  const lines: string[] = []
  const create = () => createContainerd({ dir, runDir, cniBinDir: '/usr/lib/cni', log: createLog({ write: (line) => lines.push(line) }) })

  beforeAll(async () => {
    const containerd = create()
    await containerd.ensure(new AbortController().signal)
    const file = join(dir, 'app.tar')
    writeFileSync(
      file,
      ociArchive({ name, architecture: 'amd64', files: [{ path: 'hello', mode: 0o755, data: Buffer.from('x') }], config: {} }),
    )
    await importImage(containerd.socket, file)
    await running(containerd, async () => {
      const cri = createCri(containerd.socket)
      await vi.waitFor(async () => expect(await cri.listImages()).toHaveLength(2), { timeout: 10_000 })
      containerd.noteImages((await cri.listImages()).map(({ id, repoTags, repoDigests }) => ({ id, names: [...repoTags, ...repoDigests] })))
      cri.close()
    })
    await containerd.stop()
  })
  afterAll(async () => {
    await create().stop()
    rmSync(dir, { recursive: true })
  })

  /** Its service runs, as in an agent, while `work` does. */
  async function running(containerd: ReturnType<typeof create>, work: () => Promise<void>): Promise<void> {
    const stop = new AbortController()
    const ended = containerd.service.run(stop.signal)
    try {
      await vi.waitFor(() => expect(containerd.problem()).toBeUndefined(), { timeout: 60_000, interval: 50 })
      await work()
    } finally {
      stop.abort()
      await ended
    }
  }

  it.each([
    ['cut in the middle', () => truncateSync(records, statSync(records).size / 4)],
    ['half a page', () => truncateSync(records, 2000)],
    ['overwritten', () => writeFileSync(records, Buffer.alloc(65_536, 0xa5))],
    ['with pages that were never written', () => zeroFrom(2)],
    ['empty', () => truncateSync(records, 0)],
  ])('that are %s starts anew by itself, with its images', { timeout: 90_000 }, async (_how, damage) => {
    damage()
    const containerd = create()
    await running(containerd, async () => {
      expect(await hasImage(containerd.socket, name)).toBe(true)
      expect(readdirSync(dir).filter((file) => file.startsWith('damaged-'))).toHaveLength(1)
      expect(readdirSync(dir)).not.toContain('saved-images')
    })
    await containerd.stop()
  })

  it('that lacks a blob gives the image up and starts all the same', { timeout: 90_000 }, async () => {
    const blobs = join(dir, 'root/io.containerd.content.v1.content/blobs/sha256')
    const layer = readdirSync(blobs).find((blob) => readFileSync(join(blobs, blob)).includes('hello\0'))
    writeFileSync(join(blobs, layer ?? ''), 'torn')
    truncateSync(records, 2000)
    const containerd = create()
    await running(containerd, async () => expect(await hasImage(containerd.socket, name)).toBe(false))
    await containerd.stop()
  })

  it(
    'on a card without room for an image twice are begun anew, and what was saved of the image does not keep the card full',
    { timeout: 90_000 },
    async () => {
      const small = mkdtempSync(join(tmpdir(), 'bramble-small-'))
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', small])
      const ownRun = join(runDir, '..', 'run-small')
      const containerd = createContainerd({ dir: small, runDir: ownRun, cniBinDir: '/usr/lib/cni', log: createLog({ write: () => {} }) })
      try {
        await running(containerd, async () => {
          const file = join(dir, 'large.tar')
          const files = [{ path: 'large', mode: 0o755, data: randomBytes(12 * 2 ** 20) }]
          writeFileSync(file, ociArchive({ name, architecture: 'amd64', files, config: {} }))
          await importImage(containerd.socket, file)
          const cri = createCri(containerd.socket)
          await vi.waitFor(async () => expect(await cri.listImages()).toHaveLength(2), { timeout: 10_000 })
          containerd.noteImages((await cri.listImages()).map(({ id, repoTags }) => ({ id, names: repoTags })))
          cri.close()
        })
        await containerd.stop()
        truncateSync(join(small, 'root/io.containerd.metadata.v1.bolt/meta.db'), 2000)
        await running(
          createContainerd({
            dir: small,
            runDir: ownRun,
            cniBinDir: '/usr/lib/cni',
            log: createLog({ write: (line) => lines.push(line) }),
          }),
          async () => {
            await vi.waitFor(() => expect(readdirSync(small)).not.toContain('saved-images'), { timeout: 60_000 })
            expect(await hasImage(containerd.socket, name)).toBe(false)
          },
        )
        expect(lines.filter((line) => line.includes('there is no room'))).toHaveLength(1)
      } finally {
        await containerd.stop()
        execFileSync('umount', ['--lazy', small])
        rmSync(small, { recursive: true })
      }
    },
  )

  it('that cannot be written are left alone, and it is said why', { timeout: 90_000 }, async () => {
    const containerd = create()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', join(dir, 'root')])
    const stop = new AbortController()
    const ended = containerd.service.run(stop.signal)
    try {
      await expect.poll(() => containerd.problem(), { timeout: 30_000 }).toMatch(/does not start: .*read-only file system/)
      await containerd.settled
    } finally {
      stop.abort()
      await ended
      execFileSync('umount', ['--lazy', join(dir, 'root')])
    }
  })

  function zeroFrom(page: number): void {
    const bytes = readFileSync(records)
    writeFileSync(records, bytes.fill(0, page * 4096))
  }
})

it(
  'damaged records that cannot be begun anew, because the disk is full too, are tried again with pauses',
  { timeout: 60_000 },
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bramble-stuck-'))
    const records = join(dir, 'root/io.containerd.metadata.v1.bolt')
    mkdirSync(records, { recursive: true })
    writeFileSync(join(records, 'meta.db'), '')
    writeFileSync(join(dir, 'saved-images'), '') // as good as a disk that takes no new folder
    const lines: string[] = []
    const log = createLog({ write: (line) => lines.push(line) })
    const containerd = createContainerd({ dir, runDir: join(dir, 'run'), cniBinDir: '/usr/lib/cni', log })
    const stop = new AbortController()
    const ended = containerd.service.run(stop.signal)
    const tries = () => lines.filter((line) => line.includes('cannot be begun anew')).length
    try {
      await vi.waitFor(() => expect(tries()).toBeGreaterThan(0), { timeout: 15_000, interval: 50 })
      await sleep(1_000)
      expect(tries()).toBeLessThan(10)
      expect(containerd.problem()).toMatch(/its records are empty/)
    } finally {
      stop.abort()
      await ended
      rmSync(dir, { recursive: true })
    }
  },
)
