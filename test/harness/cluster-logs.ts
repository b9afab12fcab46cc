import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { layoutOf } from '@bramble/hub/cli/cluster/layout.ts'

type Layout = ReturnType<typeof layoutOf>

const kept = new URL('../../dist/logs/', import.meta.url).pathname
/** Of the clusters that run now. */
const running = new Set<Layout>()

/** From now on what its processes write is kept when a test fails; answers what ends that. */
export function watchLogs(layout: Layout): () => void {
  running.add(layout)
  return () => void running.delete(layout)
}

/** Copies the logs of all clusters that run to `dist/logs/<name>`; answers where they are, with the last lines of each. */
export function keepLogs(name: string): string {
  const folder = join(kept, name.replaceAll(/[^\w.-]+/g, '-').slice(0, 120))
  rmSync(folder, { recursive: true, force: true })
  return [...running].map((layout) => `${keep(layout, join(folder, layout.instance))}\n${tailsOf(layout, 25)}`).join('\n')
}

function keep({ run }: Layout, folder: string): string {
  mkdirSync(folder, { recursive: true })
  for (const file of logsIn(run)) copyFileSync(join(run, file), join(folder, file.replaceAll('/', '-')))
  return `the logs of the cluster are kept in ${folder}`
}

/** The last lines that the hub and each agent have written. */
export const tailsOf = ({ run }: Layout, lines: number): string =>
  logsIn(run)
    .map(
      (file) =>
        `--- ${file.replace(/\.log$/, '')}\n${readFileSync(join(run, file), 'utf8').trimEnd().split('\n').slice(-lines).join('\n')}`,
    )
    .join('\n')

const logsIn = (run: string): readonly string[] => {
  try {
    return readdirSync(run)
      .filter((file) => file.endsWith('.log'))
      .sort()
  } catch {
    return [] // it does not run any more
  }
}
