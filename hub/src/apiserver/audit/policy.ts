import { ConfigError } from '@bramble/shared/process/config.ts'
import { pathText } from '@bramble/shared/schema/schema-error.ts'
import * as z from 'zod'

/** How much is written of a request, from nothing to both bodies. */
export const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
export type Level = (typeof levels)[number]

/** When it is written: as it comes, when the headers of a long answer are out, when it is answered, when a handler has failed. */
export const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const
export type Stage = (typeof stages)[number]

/** A `Policy` of audit.k8s.io/v1 (Kubernetes, Auditing, section "Audit policy"): the first rule that matches a request decides. */
export type Policy = {
  readonly omitStages?: readonly Stage[] | undefined
  readonly omitManagedFields?: boolean | undefined
  readonly rules: readonly PolicyRule[]
}

export type PolicyRule = {
  readonly level: Level
  readonly users?: readonly string[] | undefined
  readonly userGroups?: readonly string[] | undefined
  readonly verbs?: readonly string[] | undefined
  readonly resources?: readonly GroupResources[] | undefined
  readonly namespaces?: readonly string[] | undefined
  readonly nonResourceURLs?: readonly string[] | undefined
  readonly omitStages?: readonly Stage[] | undefined
  readonly omitManagedFields?: boolean | undefined
}

/** No resources: all of the group. */
export type GroupResources = {
  readonly group?: string | undefined
  readonly resources?: readonly string[] | undefined
  readonly resourceNames?: readonly string[] | undefined
}

const texts = z.array(z.string()).optional()
const omitStages = z.array(z.enum(stages)).optional()
const omitManagedFields = z.boolean().optional()

const groupResources = z
  .strictObject({ group: z.string().optional(), resources: texts, resourceNames: texts })
  .refine(({ resources = [], resourceNames = [] }) => resourceNames.length === 0 || resources.length > 0, {
    path: ['resourceNames'],
    message: 'using resourceNames requires at least one resource',
  })

const url = z
  .string()
  .refine((text) => text === '*' || text.startsWith('/'), "non-resource URL rules must begin with a '/' character")
  .refine((text) => !text.slice(0, -1).includes('*'), "non-resource URL wildcards '*' must be the final character of the rule")

const rule = z
  .strictObject({
    level: z.enum(levels),
    ...{ users: texts, userGroups: texts, verbs: texts, namespaces: texts, omitStages, omitManagedFields },
    resources: z.array(groupResources).optional(),
    nonResourceURLs: z.array(url).optional(),
  })
  .refine(
    ({ resources = [], namespaces = [], nonResourceURLs = [] }) =>
      nonResourceURLs.length === 0 || (resources.length === 0 && namespaces.length === 0),
    { path: ['nonResourceURLs'], message: 'rules cannot apply to both regular resources and non-resource URLs' },
  )

/** Each request may be compared with all of them. */
const mostRules = 1000
/** Longest file, in bytes. */
export const longestPolicy = 1024 * 1024

const policy = z.strictObject({
  apiVersion: z.literal('audit.k8s.io/v1'),
  kind: z.literal('Policy'),
  metadata: z.looseObject({}).optional(),
  omitStages,
  omitManagedFields,
  rules: z
    .array(z.unknown())
    .min(1, 'expected at least one rule')
    .max(mostRules, `expected at most ${mostRules} rules, as each request is compared with them in turn`)
    .pipe(z.array(rule)),
})

/** What a policy file says; `parse` reads its YAML. Refuses a bad one with the field that is wrong. */
export function policyOf(text: string, { path, parse }: { readonly path: string; readonly parse: (text: string) => unknown }): Policy {
  const refuse = (why: string, cause?: unknown) => new ConfigError(`audit policy file ${path}: ${why}`, { cause })
  if (Buffer.byteLength(text) > longestPolicy) throw refuse(`expected at most ${longestPolicy} bytes`)
  let value: unknown
  try {
    value = parse(text)
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause)
  }
  const parsed = policy.safeParse(value)
  if (parsed.success) return parsed.data
  throw refuse(
    parsed.error.issues
      .slice(0, 10)
      .map(({ path: at, message }) => (at.length === 0 ? message : `${pathText(at)}: ${message}`))
      .join('; '),
  )
}
