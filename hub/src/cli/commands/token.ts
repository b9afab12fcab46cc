import type { Command } from 'commander'
import { createJoinToken } from '../../client/join-token.ts'
import { connected } from '../cluster/connect.ts'
import { layoutOf } from '../cluster/layout.ts'
import { defineCommand, UsageError } from '../command.ts'
import { defaultHome } from '../config.ts'

export const token = defineCommand((program: Command) => {
  const command = program.command('token').description('tokens with which new nodes join')
  command
    .command('create')
    .description('print a token for `bramble agent --token-file`')
    .option('--home <dir>', 'where the hub is kept', defaultHome())
    .option('--ttl <duration>', 'how long it is good for: 30m, 24h, 7d', '24h')
    .option('--uses <count>', 'how many boards may join with it', '1')
    .action(async ({ home, ttl, uses }: { home: string; ttl: string; uses: string }) => {
      const { kubeconfig, hubDir } = layoutOf(home)
      const wanted = { hubDir, ttlMs: durationMs(ttl), uses: countOf(uses) }
      console.log(await connected(kubeconfig, (client) => createJoinToken({ client, ...wanted })))
    })
})

/** `5`. */
export function countOf(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new UsageError(`--uses: expected a number of boards such as 5, found ${text}`)
  return Number(text)
}

/** `30m`. */
export function durationMs(text: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (count === undefined || unit === undefined)
    throw new UsageError(`--ttl: expected a number with s, m, h or d such as 24h, found ${text}`)
  return Number(count) * { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 's' | 'm' | 'h' | 'd'] // the pattern allows only these
}
