import { existsSync, readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { layoutOf } from '../cluster/layout.ts'
import { defineCommand, UsageError } from '../command.ts'
import { defaultHome } from '../config.ts'

export const kubeconfig = defineCommand((program: Command) =>
  program
    .command('kubeconfig')
    .description("print the cluster-admin's kubeconfig")
    .option('--home <dir>', 'where the cluster is kept', defaultHome())
    .action(({ home }: { home: string }) => {
      const { kubeconfig: file } = layoutOf(home)
      if (!existsSync(file)) throw new UsageError(`${file} does not exist: start the cluster first (bramble up --home ${home})`)
      process.stdout.write(readFileSync(file, 'utf8'))
    }),
)
