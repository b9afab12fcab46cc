import type { Command } from 'commander'
import { kubernetesVersion, version as brambleVersion } from '@bramble/shared/process/version.ts'
import { defineCommand } from '../command.ts'

export const version = defineCommand((program: Command) =>
  program
    .command('version')
    .description('print the versions of Bramble and of the Kubernetes API it serves')
    .action(() => console.log(`bramble ${brambleVersion}\nkubernetes API ${kubernetesVersion}\nnode ${process.version}`)),
)
