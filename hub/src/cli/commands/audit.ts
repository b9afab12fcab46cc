import type { Command } from 'commander'
import { connected } from '../cluster/connect.ts'
import { layoutOf } from '../cluster/layout.ts'
import { defineCommand, UsageError } from '../command.ts'
import { defaultHome } from '../config.ts'

type Options = { home: string; tail: string; json?: true; user?: string; verb?: string; resource?: string; namespace?: string }

export const audit = defineCommand((program: Command) =>
  program
    .command('audit')
    .description('print who has changed what, from the audit log in the memory of the hub')
    .option('--home <dir>', 'where the hub is kept', defaultHome())
    .option('--tail <lines>', 'so many of the newest', '100')
    .option('--user <name>', 'of this user')
    .option('--verb <verb>', 'create, update, patch, delete, …')
    .option('--resource <resource>', 'of this resource: secrets')
    .option('--namespace <namespace>', 'in this namespace')
    .option('--json', 'as Events of audit.k8s.io/v1')
    .action(async ({ home, tail, json, user, verb, resource, namespace }: Options) => {
      if (!/^\d{1,7}$/.test(tail)) throw new UsageError(`--tail: expected a number of lines such as 100, found ${tail}`)
      const query = new URLSearchParams({ tailLines: tail })
      for (const [key, value] of Object.entries({ user, verb, resource, namespace })) if (value !== undefined) query.set(key, value)
      const text = await connected(layoutOf(home).kubeconfig, (client) => client.text(`/logs/audit?${query.toString()}`))
      process.stdout.write(json ? text : auditTable(text))
    }),
)

type Event = {
  readonly stageTimestamp: string
  readonly verb: string
  readonly requestURI: string
  readonly user: { readonly username?: string }
  readonly impersonatedUser?: { readonly username?: string }
  readonly objectRef?: { readonly resource: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string }
  readonly responseStatus?: { readonly code?: number }
}

/** A line for each Event. Names are those that others have chosen: nothing of them may move the cursor. */
export function auditTable(text: string): string {
  const events = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Event])) // as the hub writes them
  const rows = events.map(({ stageTimestamp, user, impersonatedUser, verb, objectRef, requestURI, responseStatus }) => {
    const as = impersonatedUser === undefined ? '' : ` (as ${impersonatedUser.username ?? ''})`
    const what = objectRef === undefined ? requestURI : [objectRef.resource, objectRef.subresource].filter(Boolean).join('/')
    const which = [objectRef?.namespace, objectRef?.name].filter(Boolean).join('/')
    const who = `${user.username ?? '<unknown>'}${as}`
    return [`${stageTimestamp.slice(0, 19)}Z`, who, verb, what, which, String(responseStatus?.code ?? '')].map(printable)
  })
  const all = [['TIME', 'USER', 'VERB', 'RESOURCE', 'NAME', 'CODE'], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('')
}

const printable = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?').slice(0, 80)
