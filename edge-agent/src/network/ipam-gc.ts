import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isIPv4 } from 'node:net'

/**
 * Releases addresses whose sandbox is gone: after a power cut or a `kill -9` of the runtime nobody calls the plugin's DEL.
 * host-local keeps one file an address; its first line is the container's id. Answers the released addresses.
 */
export function releaseOrphans(ipamDir: string, network: string, liveSandboxes: ReadonlySet<string>): readonly string[] {
  const folder = join(ipamDir, network)
  const released: string[] = []
  for (const file of list(folder).filter(isIPv4)) {
    const path = join(folder, file)
    const [sandbox = ''] = readFileSync(path, 'utf8').split(/\r?\n/)
    if (liveSandboxes.has(sandbox.trim())) continue
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
