import type { Command } from 'commander'
import { createJoinToken } from '../../client/join-token.ts'
import { connect } from '../cluster/connect.ts'
import { layoutOf } from '../cluster/layout.ts'
import { defineCommand, UsageError } from '../command.ts'
import { defaultHome } from '../config.ts'

export const token = defineCommand((program: Command) => {
  const command = program.command('token').description('tokens with which new nodes join')
  command
    .command('create')
    .description('print a token for `bramble agent --token`')
    .option('--home <dir>', 'where the hub is kept', defaultHome())
    .option('--ttl <duration>', 'how long it is good for: 30m, 24h, 7d', '24h')
    .action(async ({ home, ttl }: { home: string; ttl: string }) => {
      const layout = layoutOf(home)
      const client = connect(layout.kubeconfig)
      try {
        console.log(await createJoinToken({ client, hubDir: layout.hubDir, ttlMs: durationMs(ttl) }))
      } finally {
        client.close()
      }
    })
})

function durationMs(text: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (count === undefined || unit === undefined)
    throw new UsageError(`--ttl: expected a number with s, m, h or d such as 24h, found ${text}`)
  return Number(count) * { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 's' | 'm' | 'h' | 'd'] // the pattern allows only these
}
