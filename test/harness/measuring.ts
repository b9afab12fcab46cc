import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const looksAtItsMemory = /\b(?:heapAfterCollection|memoryUsage|getHeap\w*|setFlagsFromString)\b/

/** The tests that look at the memory of the process they run in, and so want one that has run nothing else. Paths from the root. */
export function measuringTests(root: string): readonly string[] {
  return ['hub', 'edge-agent', 'shared', 'firmware-images', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
      .map((file) => join(folder, file))
      .filter((file) => looksAtItsMemory.test(readFileSync(join(root, file), 'utf8'))),
  )
}
