import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

type Client = 'kubectl' | 'helm'

const root = new URL('../../', import.meta.url).pathname

/** The real kubectl 1.35 and helm; `npm test` has fetched them, a single test does it itself. */
export function clientBinary(name: Client): string {
  const file = join(root, 'dist/clients', name, name)
  if (!existsSync(file))
    execFileSync(process.execPath, [join(root, 'shared/build/clients.mjs')], { stdio: ['ignore', 'inherit', 'inherit'] })
  return file
}

export type ClientRun = { readonly code: number; readonly out: string; readonly err: string }

/** Runs a client to its end, with a text to read. */
export const runClient = (name: Client, args: readonly string[], stdin: string): Promise<ClientRun> =>
  new Promise((resolve) => {
    const child = execFile(clientBinary(name), args, { timeout: 30_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err }),
    )
    child.stdin?.end(stdin)
  })
