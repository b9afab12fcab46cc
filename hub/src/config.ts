import { existsSync } from 'node:fs'
import * as z from 'zod'
import { ConfigError, configHelp, parseConfig } from '@bramble/shared/process/config.ts'
import { haveNetworksApart, networkOption } from '@bramble/shared/api/network-options.ts'
import { isExemption, isStandard } from './apiserver/admission/pod-security/config.ts'
import { defaultIssuer } from './apiserver/authn/authentication.ts'
import { oidcMistake } from './apiserver/authn/oidc/options.ts'
import { nodeBits } from './controllers/nodes/pod-cidrs.ts'

const port = z.number().int().min(1).max(65_535)

/** A Pod Security standard that holds for every namespace which says nothing. */
const standard = (what: string) =>
  z
    .string()
    .refine(isStandard, 'expected privileged, baseline or restricted, perhaps with a release: restricted:v1.30')
    .default('privileged')
    .describe(`Pod Security standard ${what} in namespaces without a label for it`)

const file = z
  .string()
  .refine((path) => path === '' || existsSync(path), 'expected a file that is there')
  .default('')

/** Called as kube-apiserver's. */
const oidcFields = {
  oidcIssuerUrl: z.string().default('').describe('an OpenID Connect issuer whose people are users here: its https URL'),
  oidcClientId: z.string().default('').describe('the client of it that its tokens must be for'),
  oidcUsernameClaim: z.string().default('sub').describe('the claim that is the name of a user'),
  oidcUsernamePrefix: z
    .string()
    .default('')
    .describe("what stands before such a name; by default the issuer's URL and #, but for addresses (email); - for nothing"),
  oidcGroupsClaim: z.string().default('').describe('the claim that names the groups of a user'),
  oidcGroupsPrefix: z.string().default('').describe('what stands before the name of such a group'),
  oidcRequiredClaim: z.array(z.string()).default([]).describe('KEY=VALUE that a token of the issuer must say; may be repeated'),
  oidcSigningAlgs: z.array(z.string()).default(['RS256']).describe('with which algorithms it may sign'),
  oidcCaFile: file.describe('PEM of the authority of its certificate; without it what this machine trusts'),
}

/** Called as kube-apiserver's, but for what it has not. */
const auditFields = {
  auditPolicyFile: file.describe('an audit.k8s.io/v1 Policy: what is written of whose requests; without it changes, Secrets and refusals'),
  auditMemoryKib: z
    .number()
    .int()
    .min(0)
    .max(64 * 1024)
    .default(1024)
    .describe('KiB of the newest audit events that are kept in memory for `kubectl get --raw /logs/audit`; 0: none'),
  auditLogPath: z
    .string()
    .default('')
    .describe('a file that audit events are written to, or - for what the hub prints; without it to none'),
  auditLogFormat: z.literal('json', 'expected json: the format legacy is not served').default('json').describe('how they are written'),
  // What a card of a board can spare.
  auditLogMaxsize: z.number().int().min(1).max(2048).default(10).describe('MiB of that file after which it is put aside'),
  auditLogMaxbackup: z.number().int().min(0).max(10_000).default(3).describe('how many files that were put aside are kept; 0: all'),
  auditLogMaxage: z.number().int().min(0).max(36_500).default(0).describe('days for which they are kept; 0: however old they are'),
}

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
    ...oidcFields,
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
    ...auditFields,
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

export function readConfig(argv: readonly string[], parseFile: (text: string) => unknown): HubConfig {
  const config = parseConfig({ schema, argv, env: process.env, envPrefix: 'BRAMBLE_HUB_', parseFile })
  const mistake = oidcMistake(config, config.serviceAccountIssuer)
  if (mistake !== undefined) throw new ConfigError(mistake)
  return config
}

export const help = (): string => `Usage: bramble hub [options]

Runs a hub: apiserver, scheduler, controllers, store and MQTT broker.

Options:
${configHelp(schema)}
`
