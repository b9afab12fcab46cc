import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { addSecretKey, keepSecretKeys, readKeys } from '../../identity/secret-keys.ts'
import { connected } from '../cluster/connect.ts'
import { layoutOf } from '../cluster/layout.ts'
import { defineCommand, UsageError } from '../command.ts'
import { defaultHome } from '../config.ts'
import { sealedRowsIn } from '../sealed-rows.ts'

export const secrets = defineCommand((program: Command) => {
  const command = program.command('secrets').description('the keys that seal Secrets on the disk of a hub')
  command
    .command('rotate')
    .description('seal with a new key from now on, and everything that is there with it; older keys stay until `prune`')
    .option('--home <dir>', 'where the hub is kept', defaultHome())
    .action(async ({ home }: { home: string }) => {
      const { id } = addSecretKey(keyFileOf(home))
      console.log(`key ${id} seals from now on; a running hub writes its Secrets anew with it, one that starts does so then`)
    })
  command
    .command('prune')
    .description('take out older keys that a running hub needs no more; whoever keeps a backup from before keeps its key file')
    .option('--home <dir>', 'where the hub is kept', defaultHome())
    .action(async ({ home }: { home: string }) => {
      const path = keyFileOf(home)
      const rows = await connected(layoutOf(home).kubeconfig, async (client) => sealedRowsIn(await client.text('/metrics')))
      const [first, ...older] = readKeys(path)
      // What the hub does not speak of it has not read yet.
      const needed = older.filter(({ id }) => rows.get(id) !== 0)
      keepSecretKeys(path, new Set(needed.map(({ id }) => id)))
      for (const { id } of older)
        console.log(
          needed.some((one) => one.id === id) ? `key ${id} is still needed by ${rows.get(id) ?? 'unknown'} rows` : `key ${id} is gone`,
        )
      console.log(`key ${first.id} seals`)
    })
})

function keyFileOf(home: string): string {
  const path = join(layoutOf(home).hubDir, 'pki', 'secrets.key')
  if (!existsSync(path)) throw new UsageError(`${path} does not exist: is a hub set up there? \`bramble up\` makes one`)
  return path
}
