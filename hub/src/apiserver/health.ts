import type { PathRoute } from './routes/route.ts'
import { messageOf } from '@bramble/shared/process/service.ts'

/** One thing that must be well; throws with what is not. */
export type Check = () => void | Promise<void>
export type Checks = Readonly<Record<string, Check>>

/** `/livez`, `/readyz` and `/healthz`, with `?verbose` and one check alone under its name. */
export function createHealth({ live = {}, ready = {} }: { readonly live?: Checks; readonly ready?: Checks }): PathRoute {
  const ping: Check = () => {}
  const groups: Readonly<Record<string, Checks>> = {
    livez: { ping, ...live },
    readyz: { ping, ...live, ...ready },
    healthz: { ping, ...live },
  }
  const answer: PathRoute['answer'] = async ({ path, query }) => {
    const [root = '', one, ...more] = path.split('/').filter((part) => part !== '')
    const checks = Object.hasOwn(groups, root) ? groups[root] : undefined
    if (checks === undefined || more.length > 0) return undefined
    const chosen = one === undefined ? Object.entries(checks) : Object.entries(checks).filter(([name]) => name === one)
    if (chosen.length === 0) return undefined
    const results = await Promise.all(chosen.map(async ([name, check]) => ({ name, problem: await problemOf(check) })))
    const failed = results.filter(({ problem }) => problem !== undefined)
    const lines = results.map(({ name, problem }) => (problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`))
    const verbose = `${lines.join('\n')}\n${root} check ${failed.length === 0 ? 'passed' : 'failed'}\n`
    const raw = failed.length === 0 && !query.has('verbose') ? 'ok' : verbose
    return { type: 'raw', status: failed.length === 0 ? 200 : 500, contentType: 'text/plain; charset=utf-8', raw }
  }
  return { at: /^\/(livez|readyz|healthz)(\/|$)/, isOpen: true, answer }
}

async function problemOf(check: Check): Promise<string | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
