import { mkdir, stat, writeFile } from 'node:fs/promises'
import type { Stats } from 'node:fs'
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
    if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 })
    if (type === 'FileOrCreate') await writeFile(path, '', { flag: 'a', mode: 0o644 })
    const check = checks[type.replace('OrCreate', '')]
    if (check) {
      const stats = await stat(path).catch(() => undefined)
      if (!stats || !check[0](stats)) throw new VolumeProblem(`hostPath type check failed: ${path} is not ${check[1]}`)
    }
    return path
  },
}
