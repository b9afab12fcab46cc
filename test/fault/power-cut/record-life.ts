import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { buildShim, folderInside, recordingWith } from './product.ts'
import { type Operation, readRecording } from './recording.ts'

export type Role = 'hub' | 'agent'

/** Runs the life of a hub's or an agent's files to its end on a disk that is recorded. */
export async function recordLife(role: Role, seed: number, root = process.cwd()): Promise<readonly Operation[]> {
  const folder = folderInside(root)
  try {
    await build({
      absWorkingDir: root,
      entryPoints: { life: `test/fault/power-cut/${role}-life.ts`, worker: 'hub/src/store/sqlite/worker.ts' },
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      external: ['better-sqlite3'],
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
      logLevel: 'warning',
    })
    const shim = buildShim(folder, root)
    const home = join(folder, 'home')
    mkdirSync(home)
    const record = join(folder, 'record')
    execFileSync(process.execPath, [join(folder, 'life.mjs'), home, pathToFileURL(join(folder, 'worker.mjs')).href, `${seed}`], {
      env: { ...process.env, ...recordingWith(shim, home, record) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return readRecording(record)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
