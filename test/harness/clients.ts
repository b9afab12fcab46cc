import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('../../', import.meta.url).pathname

/** The real kubectl 1.35 and helm; `npm test` has fetched them, a single test does it itself. */
export function clientBinary(name: 'kubectl' | 'helm'): string {
  const file = join(root, 'dist/clients', name, name)
  if (!existsSync(file))
    execFileSync(process.execPath, [join(root, 'shared/build/clients.mjs')], { stdio: ['ignore', 'inherit', 'inherit'] })
  return file
}
