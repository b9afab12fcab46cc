import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { type Operation, readRecording } from './recording.ts'

export type Role = 'hub' | 'agent'

/** Runs the life of a hub's or an agent's files to its end on a disk that is recorded. */
export async function recordLife(role: Role, seed: number, root = process.cwd()): Promise<readonly Operation[]> {
  // Inside the repository, so that the bundles find the native module.
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  const folder = mkdtempSync(join(root, 'node_modules/.cache-power-cut-'))
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
    const shim = join(folder, 'shim.so')
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, join(root, 'test/fault/power-cut/shim.c'), '-ldl', '-lpthread'])
    const home = join(folder, 'home')
    mkdirSync(home)
    const record = join(folder, 'record')
    execFileSync(process.execPath, [join(folder, 'life.mjs'), home, pathToFileURL(join(folder, 'worker.mjs')).href, `${seed}`], {
      env: { ...process.env, LD_PRELOAD: shim, POWER_CUT_FOLDER: home, POWER_CUT_RECORD: record, UV_USE_IO_URING: '0', NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return readRecording(record)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
