import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The oldest kubectl that is in wide use, one from the middle, and the one of the version that the hub says it is. */
export const kubectlAges = ['1.26', '1.31', '1.35'] as const
export type KubectlAge = (typeof kubectlAges)[number]
export const helmAges = ['3', '4'] as const
export type HelmAge = (typeof helmAges)[number]
export type Client = `kubectl-${KubectlAge}` | `helm-${HelmAge}`

const root = new URL('../../', import.meta.url).pathname

/** A real client; `npm test` has fetched them all, a single test does it itself. */
export function clientBinary(name: Client): string {
  const [program = '', age = ''] = name.split('-')
  const file = join(root, 'dist/clients', age, program)
  if (!existsSync(file))
    execFileSync(process.execPath, [join(root, 'shared/build/clients.mjs')], { stdio: ['ignore', 'inherit', 'inherit'] })
  return file
}

/** The kubectl that tests use which are not about kubectl. */
export const kubectlBinary = (): string => clientBinary('kubectl-1.35')

export type ClientRun = { readonly code: number; readonly out: string; readonly err: string }

type RunOptions = { readonly stdin?: string; readonly env?: Readonly<Record<string, string>>; readonly timeoutMs?: number }

/** Runs a client to its end, with a text to read. */
export const runClient = (
  name: Client,
  args: readonly string[],
  { stdin = '', env, timeoutMs = 30_000 }: RunOptions = {},
): Promise<ClientRun> =>
  new Promise((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } }
    const child = execFile(clientBinary(name), args, options, (error, out, err) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, out, err }),
    )
    child.stdin?.on('error', () => {}) // a command need not read what it is given
    child.stdin?.end(stdin)
  })
