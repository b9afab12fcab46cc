import { mkdir } from 'node:fs/promises'
import { execOk } from '../../host/exec.ts'
import { mountsUnder } from '../../host/mounts.ts'

/** Mounts memory at the folder, unless it is mounted already (the agent was restarted). */
export async function mountTmpfs(dir: string, { mode, size }: { readonly mode: number; readonly size?: number }): Promise<void> {
  await mkdir(dir, { recursive: true })
  if (mountsUnder([dir]).includes(dir)) return
  const options = [`mode=${mode.toString(8)}`, ...(size === undefined ? [] : [`size=${size}`])].join(',')
  await execOk('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir])
}
