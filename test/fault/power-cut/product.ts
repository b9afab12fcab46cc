import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** The bundles as they are shipped, and the shim that records what a process does to its files. */
export type Product = Disposable & {
  readonly dist: string
  /** The environment of a process whose files below `home` are recorded. */
  recording(home: string, record: string): Readonly<Record<string, string>>
}

export function buildProduct(root = process.cwd()): Product {
  const folder = folderInside(root)
  const dist = join(folder, 'dist')
  try {
    execFileSync(process.execPath, [join(root, 'shared/build/bundle.mjs'), dist], { stdio: ['ignore', 'ignore', 'inherit'] })
    const shim = buildShim(folder, root)
    return {
      dist,
      recording: (home, record) => recordingWith(shim, home, record),
      [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
    }
  } catch (error) {
    rmSync(folder, { recursive: true })
    throw error
  }
}

/** Inside the repository, so that bundles find the native module. */
export function folderInside(root: string): string {
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  return mkdtempSync(join(root, 'node_modules/.cache-power-cut-'))
}

export function buildShim(folder: string, root: string): string {
  const shim = join(folder, 'shim.so')
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, join(root, 'test/fault/power-cut/shim.c'), '-ldl', '-lpthread'])
  return shim
}

export const recordingWith = (shim: string, home: string, record: string) => ({
  LD_PRELOAD: shim,
  POWER_CUT_FOLDER: home,
  POWER_CUT_RECORD: record,
  UV_USE_IO_URING: '0',
  NODE_OPTIONS: '',
})
