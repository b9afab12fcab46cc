import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isIPv4 } from 'node:net'

export type OrphanQuery = {
  readonly ipamDir: string
  readonly network: string
  readonly liveSandboxes: ReadonlySet<string>
  /** Epoch milliseconds: younger reservations stay, as a sandbox has its address before the runtime lists it. */
  readonly olderThan: number
}

/**
 * Releases addresses whose sandbox is gone: after a power cut or a `kill -9` of the runtime nobody calls the plugin's DEL.
 * host-local keeps one file an address; its first line is the container's id. Answers the released addresses.
 */
export function releaseOrphans({ ipamDir, network, liveSandboxes, olderThan }: OrphanQuery): readonly string[] {
  const folder = join(ipamDir, network)
  const released: string[] = []
  for (const file of list(folder).filter(isIPv4)) {
    const path = join(folder, file)
    const [sandbox = ''] = readFileSync(path, 'utf8').split(/\r?\n/)
    if (liveSandboxes.has(sandbox.trim()) || statSync(path).mtimeMs >= olderThan) continue
    rmSync(path, { force: true })
    released.push(file)
  }
  return released
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
