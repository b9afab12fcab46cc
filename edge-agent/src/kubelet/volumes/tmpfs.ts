import { mkdir } from 'node:fs/promises'
import { exec } from '../../host/exec.ts'
import { mountsUnder } from '../../host/mounts.ts'
import { forGroup } from './fs-group.ts'

export type TmpfsOptions = {
  readonly mode: number
  /** The group that owns it and all that is made in it. */
  readonly fsGroup?: number
  readonly size?: number
  readonly run?: typeof exec
}

/**
 * Mounts memory at the folder, unless it is mounted already (the agent was restarted). Where the kernel can promise it, nothing of it is
 * ever swapped to the card.
 */
export async function mountTmpfs(dir: string, { mode, fsGroup, size, run = exec }: TmpfsOptions): Promise<void> {
  await mkdir(dir, { recursive: true })
  if (mountsUnder([dir]).includes(dir)) return
  const owner = fsGroup === undefined ? [`mode=${mode.toString(8)}`] : [`mode=${(mode | forGroup).toString(8)}`, `gid=${fsGroup}`]
  const options = [...owner, ...(size === undefined ? [] : [`size=${size}`])]
  // Linux has noswap since 6.4 and refuses what it does not know; trying is surer than reading a version.
  for (const more of [['noswap'], []]) {
    const { code, stderr } = await run('mount', ['-t', 'tmpfs', '-o', [...options, ...more].join(','), 'tmpfs', dir])
    if (code === 0) return
    if (more.length === 0) throw new Error(`no memory could be mounted at ${dir}: ${stderr.trim()}`)
  }
}
