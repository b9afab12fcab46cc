import * as z from 'zod'
import { configHelp, parseConfig } from '@bramble/shared/process/config.ts'
import { haveNetworksApart, networkOption } from '@bramble/shared/api/network-options.ts'
import { isExemption, isStandard } from './apiserver/admission/pod-security/config.ts'
import { defaultIssuer } from './apiserver/authn/authentication.ts'
import { nodeBits } from './controllers/nodes/pod-cidrs.ts'

const port = z.number().int().min(1).max(65_535)

/** A Pod Security standard that holds for every namespace which says nothing. */
const standard = (what: string) =>
  z
    .string()
    .refine(isStandard, 'expected privileged, baseline or restricted, perhaps with a release: restricted:v1.30')
    .default('privileged')
    .describe(`Pod Security standard ${what} in namespaces without a label for it`)

const schema = haveNetworksApart(
  z.object({
    dir: z.string().default('/var/lib/bramble/hub').describe('where state is kept'),
    kubeconfig: z.string().default('/var/lib/bramble/kubeconfig').describe("where the cluster-admin's kubeconfig is written"),
    httpsAddress: z.string().default('0.0.0.0').describe('address the Kubernetes API listens on'),
    httpsPort: port.default(6443).describe('port of the Kubernetes API'),
    mqttAddress: z.string().default('0.0.0.0').describe('address the MQTT broker listens on'),
    mqttPort: port.default(8883).describe('port where agents connect'),
    address: z.array(z.string()).default([]).describe('further names or addresses of this hub for its certificate; may be repeated'),
    clusterCidr: networkOption(nodeBits).default('10.42.0.0/16').describe("the pods' network; each node gets a /24 of it"),
    serviceCidr: networkOption(29).default('10.43.0.0/16').describe("the Services' network"),
    serviceAccountIssuer: z
      .array(z.string().refine(isIssuer, 'expected an https URL without a query, such as https://kubernetes.default.svc.cluster.local'))
      .min(1)
      .default([defaultIssuer])
      .describe('who the tokens of service accounts are from; of several the first stands in new ones, all are believed'),
    apiAudience: z
      .array(z.string())
      .default([])
      .describe('for whom a token must be that is shown to this API, and is if nobody is named; without any: the issuers'),
    fleet: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'expected a-z, 0-9 and -')
      .max(32)
      .default('home')
      .describe('name of the fleet on the public MQTT topics'),
    storeQuotaMib: z
      .number()
      .int()
      .min(0)
      .max(16 * 1024)
      .default(0)
      .describe(
        'MiB that all objects may take, as etcd has --quota-backend-bytes; 0: an eighth of the heap that Node allows itself, at least 64',
      ),
    podSecurityEnforce: standard('that pods must keep'),
    podSecurityAudit: standard('whose breaking is written into the audit log'),
    podSecurityWarn: standard('whose breaking is told to the sender'),
    podSecurityExempt: z
      .array(z.string().refine(isExemption, 'expected namespace/NAME, user/NAME or runtimeclass/NAME'))
      .default([])
      .describe('held to no Pod Security standard: namespace/NAME, user/NAME or runtimeclass/NAME; may be repeated'),
    dynamicAdmission: z
      .enum(['on', 'off'])
      // The way out when a webhook refuses what its own repair needs; see the README of the hub.
      .default('on')
      .describe('whether webhooks and policies have a say in what is written; off: as if none were installed, to mend what they keep out'),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('least severe log line that is written'),
  }),
)

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, search, hash } = new URL(text)
  return protocol === 'https:' && search === '' && hash === ''
}

export type HubConfig = Readonly<z.infer<typeof schema>>

export const readConfig = (argv: readonly string[], parseFile: (text: string) => unknown): HubConfig =>
  parseConfig({ schema, argv, env: process.env, envPrefix: 'BRAMBLE_HUB_', parseFile })

export const help = (): string => `Usage: bramble hub [options]

Runs a hub: apiserver, scheduler, controllers, store and MQTT broker.

Options:
${configHelp(schema)}
`
