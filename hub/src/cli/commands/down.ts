import type { Command } from 'commander'
import { readCluster } from '../cluster/cluster-file.ts'
import { layoutOf } from '../cluster/layout.ts'
import { stopCluster } from '../cluster/up.ts'
import { defineCommand, UsageError } from '../command.ts'
import { defaultHome } from '../config.ts'

export const down = defineCommand((program: Command) =>
  program
    .command('down')
    .description('stop a cluster that `bramble up` started; its state stays for the next start')
    .option('--home <dir>', 'where it is kept', defaultHome())
    .action(async ({ home }: { home: string }) => {
      if (process.getuid?.() !== 0) throw new UsageError('bramble down needs root (containers, network rules): run it with sudo')
      const layout = layoutOf(home)
      const cluster = readCluster(layout)
      if (cluster === undefined) throw new UsageError(`there is no cluster in ${layout.home}`)
      await stopCluster(layout, cluster, (line) => console.log(line))
    }),
)
