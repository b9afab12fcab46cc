import { hostname } from 'node:os'
import * as z from 'zod'
import { configHelp, parseConfig } from '@bramble/shared/process/config.ts'
import { haveNetworksApart, networkOption } from '@bramble/shared/api/network-options.ts'

const hubUrl = /^mqtts:\/\/[^/]+:\d+$/

const envPrefix = 'BRAMBLE_AGENT_'

const schema = haveNetworksApart(
  z.object({
    hub: z
      .string()
      .regex(hubUrl, 'expected mqtts://host:port')
      .optional()
      .describe('the hub, mqtts://host:port; remembered after the first start'),
    token: z
      .string()
      .optional()
      .describe(
        'join token from `bramble token create`; needed once. Other users see command lines: prefer --token-file or BRAMBLE_AGENT_TOKEN',
      ),
    tokenFile: z.string().optional().describe('file with the join token, instead of --token'),
    node: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected a DNS name: lower-case letters, digits, - and .')
      .max(63)
      .default(nodeNameOf(hostname()))
      .describe('name of this node'),
    dir: z.string().default('/var/lib/bramble-agent').describe('where state is kept'),
    manifests: z
      .string()
      .optional()
      .describe('folder of manifests of pods that this node runs by itself, with a hub or without (default: manifests in --dir)'),
    runDir: z.string().default('/run/bramble-agent').describe('where running state is kept, on tmpfs'),
    // Short, because names of the kernel's things are.
    instance: z
      .string()
      .regex(/^[a-z0-9]{1,8}$/, 'expected 1 to 8 of a-z and 0-9')
      .default('bramble')
      .describe('name of the nft table and cgroups of this agent'),
    criSocket: z.string().optional().describe('socket of a CRI runtime of yours, instead of a containerd that the agent runs itself'),
    criCniConfDir: z.string().default('/etc/cni/net.d').describe('where that runtime reads its CNI configuration'),
    cniBinDir: z.string().default('').describe('where the CNI plugins are (default: /usr/lib/cni or /opt/cni/bin)'),
    clusterCidr: networkOption().default('10.42.0.0/16').describe("the pods' network, as on the hub"),
    serviceCidr: networkOption().default('10.43.0.0/16').describe("the Services' network, as on the hub"),
    fleet: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'expected a-z, 0-9 and -')
      .max(32)
      .default('home')
      .describe('name of the fleet on the public MQTT topics, as on the hub'),
    // Links on a battery or a metered line can have it longer; the hub takes a node for lost after one and a half of it.
    keepaliveSeconds: z.number().int().min(5).max(600).default(12).describe('how often a silent link shows it is alive'),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('least severe log line that is written'),
  }),
)

export type AgentConfig = Readonly<z.infer<typeof schema>>

/** `mqtts://host:port` */
export const isHubUrl = (text: string): boolean => hubUrl.test(text)

export function readConfig(argv: readonly string[], parseFile: (text: string) => unknown): AgentConfig {
  const config = parseConfig({ schema, argv, env: process.env, envPrefix, parseFile })
  // Whatever the agent starts gets its environment, and a join token is for nobody else.
  delete process.env[`${envPrefix}TOKEN`]
  return config
}

export const help = (): string => `Usage: bramble agent [reset] [options]

Runs an edge agent on this machine. With \`reset\`, stops the node's pods and takes its containerd, routes and network
rules away; its state stays for the next start.

Options:
${configHelp(schema)}
`

function nodeNameOf(host: string): string {
  return (
    host
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/g, '-')
      .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
      .slice(0, 63) || 'node'
  )
}
