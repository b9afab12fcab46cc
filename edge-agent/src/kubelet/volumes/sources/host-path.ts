import { chmod, mkdir, open, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { VolumeProblem, type VolumePlugin } from '../volume-plugin.ts'

const checks: Readonly<Record<string, readonly [(stats: Stats) => boolean, string]>> = {
  Directory: [(stats) => stats.isDirectory(), 'a directory'],
  File: [(stats) => stats.isFile(), 'a file'],
  Socket: [(stats) => stats.isSocket(), 'a socket file'],
  CharDevice: [(stats) => stats.isCharacterDevice(), 'a character device'],
  BlockDevice: [(stats) => stats.isBlockDevice(), 'a block device'],
}

export const hostPath: VolumePlugin = {
  isVolumePlugin: true,
  source: 'hostPath',
  isLive: false,
  async mount({ volume }) {
    const { path, type } = volume.hostPath ?? { path: '', type: '' }
    if (type === 'DirectoryOrCreate') await makeFolders(path)
    if (type === 'FileOrCreate') await makeFile(path)
    const check = checks[type.replace('OrCreate', '')]
    if (check) {
      const stats = await stat(path).catch(() => undefined)
      if (!stats || !check[0](stats)) throw new VolumeProblem(`hostPath type check failed: ${path} is not ${check[1]}`)
    }
    return path
  },
}

/** Each missing folder of the path, open to every user whatever our umask is. */
async function makeFolders(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  const above = dirname(first)
  for (let made = resolve(path); made !== above; made = dirname(made)) await chmod(made, 0o755)
}

/** Made only where nothing is: what is there already is never opened, be it a FIFO that would wait for a reader. */
async function makeFile(path: string): Promise<void> {
  const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined
    throw error
  })
  await file?.chmod(0o644)
  await file?.close()
}
