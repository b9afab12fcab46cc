import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VolumePlugin } from '@bramble/edge-agent/kubelet/volumes/volume-plugin.ts'

export const gitRepo: VolumePlugin = {
  isVolumePlugin: true,
  source: 'gitRepo',
  isLive: false,
  async mount({ volume: { gitRepo }, dir }) {
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'from'), gitRepo?.repository ?? '')
    return dir
  },
}
