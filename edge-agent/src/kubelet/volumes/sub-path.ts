import { lstat, mkdir, realpath } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { execOk } from '../../host/exec.ts'
import { type HeldPlace, holdBelow, writeInPlace } from '../../host/held-folder.ts'
import { unmountUnder } from '../../host/mounts.ts'

/**
 * Binds the place `below` a volume to `target`, a path of the agent's own, and answers it. A place that is missing becomes a folder.
 * Links inside the volume are followed as long as they stay in it, and only here: what is then bound is the very place that was checked,
 * held by its descriptor, so a container that shares the volume gains nothing by putting a link there in between. Throws why it cannot be.
 */
export async function bindSubPath(root: string, below: string, target: string, run = execOk): Promise<string> {
  await using place = await holdBelow(root, await partsInside(root, below))
  if (await isBound(target, place)) return target // the agent was restarted
  await unmountUnder([target])
  await mkdir(dirname(target), { recursive: true })
  if (place.stats.isDirectory()) await mkdir(target, { recursive: true })
  else await writeInPlace(target, '', 0o600)
  // Resolving the descriptor's link to a path is what must not happen: the path may mean something else by now.
  await run('mount', ['--no-canonicalize', '--bind', place.path, target])
  if (await isBound(target, place)) return target
  await unmountUnder([target])
  throw new Error('what was bound is not what was checked')
}

/** The names from the volume's root down to the place, without links as far as it exists. */
async function partsInside(root: string, below: string): Promise<readonly string[]> {
  const wanted = below.split('/').filter((part) => part !== '' && part !== '.')
  if (below.startsWith('/') || wanted.includes('..')) throw new Error("expected a relative path without '..'")
  const base = await realpath(root)
  const missing: string[] = []
  for (let there = wanted; there.length > 0; there = there.slice(0, -1)) {
    const real = await realpath(join(base, ...there)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (real === undefined) {
      missing.unshift(there.at(-1) as string) // the loop's condition
      continue
    }
    const inside = relative(base, real)
    if (inside === '..' || inside.startsWith('../')) throw new Error('it leads out of the volume')
    return [...inside.split('/').filter((part) => part !== ''), ...missing]
  }
  return missing
}

async function isBound(target: string, { stats }: HeldPlace): Promise<boolean> {
  const found = await lstat(target).catch(() => undefined)
  return found !== undefined && found.dev === stats.dev && found.ino === stats.ino
}
