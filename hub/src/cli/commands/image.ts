import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { importImage } from '@bramble/edge-agent/runtime/images.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { readCluster } from '../cluster/cluster-file.ts'
import { layoutOf } from '../cluster/layout.ts'
import { defineCommand, UsageError } from '../command.ts'
import { defaultHome } from '../config.ts'

export const image = defineCommand((program: Command) => {
  const command = program.command('image').description('images on the nodes of this machine')
  command
    .command('import <file>')
    .description('load an OCI or docker archive (tar) into every node of the home')
    .option('--home <dir>', 'where the cluster is kept', defaultHome())
    .action(async (file: string, { home }: { home: string }) => {
      const layout = layoutOf(home)
      const cluster = readCluster(layout)
      if (cluster === undefined) throw new UsageError(`there is no cluster in ${layout.home}: start it first (bramble up --home ${home})`)
      if (!existsSync(file)) throw new UsageError(`${file} does not exist`)
      for (const name of cluster.nodes) {
        try {
          const images = await importImage(layout.node(name).containerdSocket, resolve(file))
          console.log(`${name}: ${images.join(', ') || 'imported'}`)
        } catch (cause) {
          throw new UsageError(`node ${name}: ${messageOf(cause)}`, { cause })
        }
      }
    })
})
