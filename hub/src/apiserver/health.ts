import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { PathRoute } from './routes/route.ts'

/** One thing that must be well; throws with what is not. */
export type Check = () => void | Promise<void>
export type Checks = Readonly<Record<string, Check>>

export type HealthDeps = { readonly live?: Checks; readonly ready?: Checks; readonly log: Pick<Log, 'warn' | 'info'> }

/**
 * `/livez`, `/readyz` and `/healthz`, with `?verbose`, `?exclude=` and one check alone under its name. The three are read by strangers, so they tell
 * which check fails and never why: that stands in the log, and in the answer to who may ask for that check alone.
 */
export function createHealth({ live = {}, ready = {}, log }: HealthDeps): PathRoute {
  const ping: Check = () => {}
  const groups: Readonly<Record<string, Checks>> = {
    livez: { ping, ...live },
    readyz: { ping, ...live, ...ready },
    healthz: { ping, ...live },
  }
  const logged = createLogged(log)
  const resultOf = async (name: string, check: Check, isExcluded: boolean): Promise<{ readonly isOk: boolean; readonly line: string }> => {
    if (isExcluded) return { isOk: true, line: `[+]${name} excluded: ok` }
    const problem = await problemOf(check)
    logged(name, problem)
    return problem === undefined ? { isOk: true, line: `[+]${name} ok` } : { isOk: false, line: `[-]${name} failed: reason withheld` }
  }
  const answer: PathRoute['answer'] = async ({ path, query }) => {
    const [root = '', one, ...more] = path.split('/').filter((part) => part !== '')
    const checks = Object.hasOwn(groups, root) ? groups[root] : undefined
    if (checks === undefined || more.length > 0) return undefined
    if (one !== undefined) {
      const check = Object.hasOwn(checks, one) ? checks[one] : undefined
      if (check === undefined) return undefined
      const problem = await problemOf(check)
      return problem === undefined ? text(200, 'ok') : text(500, `internal server error: ${problem}\n`)
    }
    const excluded = new Set(query.getAll('exclude'))
    const results = await Promise.all(Object.entries(checks).map(async ([name, check]) => resultOf(name, check, excluded.delete(name))))
    const strange = [...excluded].toSorted().map((name) => JSON.stringify(name))
    const lines = [
      ...results.map(({ line }) => line),
      ...(strange.length > 0 ? [`warn: some health checks cannot be excluded: no matches for ${strange.join(',')}`] : []),
    ]
    const isWell = results.every(({ isOk }) => isOk)
    const told = `${lines.join('\n')}\n${root} check ${isWell ? 'passed' : 'failed'}\n`
    return isWell && !query.has('verbose') ? text(200, 'ok') : text(isWell ? 200 : 500, told)
  }
  const at = /^\/(livez|readyz|healthz)(\/|$)/
  // A check alone may tell of the machine, and is for who has a right to it, as in Kubernetes.
  return { at, openAt: /^\/(livez|readyz|healthz)$/, anyMethodAt: at, answer }
}

/** Says of a check what is wrong with it once, however often it is asked for, and when that has changed. */
function createLogged(log: HealthDeps['log']): (check: string, problem: string | undefined) => void {
  const known = new Map<string, string | undefined>()
  return (check, problem) => {
    if (known.get(check) === problem) return
    known.set(check, problem)
    if (problem === undefined) log.info({ check }, 'health check passes again')
    else log.warn({ check, problem }, 'health check failed')
  }
}

const text = (status: number, raw: string): ApiResponse => ({
  ...{ type: 'raw', status, contentType: 'text/plain; charset=utf-8', raw },
  headers: { 'x-content-type-options': 'nosniff' },
})

async function problemOf(check: Check): Promise<string | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
