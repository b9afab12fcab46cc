import { parse as parseYaml } from 'yaml'
import * as z from 'zod'
import { configHelp, parseConfig } from '@bramble/shared/process/config.ts'

/** Where a cluster is kept unless `--home` says otherwise. */
export const defaultHome = (): string => process.env['BRAMBLE_HOME'] ?? '/var/lib/bramble'

const port = z.number().int().min(1).max(65_535)

const schema = z.object({
  home: z.string().default(defaultHome).describe('where everything is kept'),
  nodes: z.number().int().min(1).max(50).optional().describe('how many; from 2 on each has its own network namespace and containerd'),
  httpsPort: port.optional().describe('port of the Kubernetes API; 6443 for a new home'),
  mqttPort: port.optional().describe('port where agents connect; 8883 for a new home'),
  detach: z.boolean().default(false).describe('return when the nodes are Ready, instead of staying until Ctrl-C'),
})

export type UpConfig = Readonly<z.infer<typeof schema>>

export const readUpConfig = (argv: readonly string[]): UpConfig => parseConfig({ schema, argv, env: process.env, parseFile: parseYaml })

export const upHelp = (): string => `Usage: bramble up [options]

Starts a whole cluster on this machine: a hub and N nodes. Run again, it starts what does not run any more.

Options:
${configHelp(schema)}
`
