import type { Kind } from '@bramble/shared/schema/kind.ts'
import { storageGroupOf } from '@bramble/shared/schema/storage.ts'
import type { NamedRuleWithOperations, RuleWithOperations } from '@bramble/shared/types/admission-matching.ts'
import type { AskedAbout } from '../admission.ts'

type Resource = Pick<Kind, 'group' | 'version' | 'resource' | 'namespaced'>
export type Target = { readonly operation: AskedAbout['operation']; readonly resource: Resource; readonly subresource: string }

type Named = RuleWithOperations & Pick<Partial<NamedRuleWithOperations>, 'resourceNames'>

export function ruleMatches(rule: Named, { operation, resource, subresource }: Target): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule
  return (
    (scope === '*' || (scope === 'Namespaced') === resource.namespaced) &&
    hasOrAll(operations, operation) &&
    hasOrAll(apiGroups, resource.group) &&
    hasOrAll(apiVersions, resource.version) &&
    resources.some((text) => resourceMatches(text, resource.resource, subresource))
  )
}

/** Of a rule that names objects. */
export const nameMatches = ({ resourceNames = [] }: Named, name: string): boolean =>
  resourceNames.length === 0 || resourceNames.includes(name)

const hasOrAll = (list: readonly string[], wanted: string): boolean => list.includes('*') || list.includes(wanted)

function resourceMatches(text: string, resource: string, subresource: string): boolean {
  const slash = text.indexOf('/')
  const [name, part] = slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)]
  return (name === '*' || name === resource) && (part === '*' || part === subresource)
}

/** The other versions of a resource, those of other groups that it is served in as well among them. */
export const equivalentsOf = (kind: Kind, all: readonly Kind[]): readonly Kind[] =>
  all.filter((other) => other !== kind && other.resource === kind.resource && storageGroupOf(other) === storageGroupOf(kind))

export type Matching = { readonly matchPolicy?: 'Equivalent' | 'Exact' | undefined }

/**
 * The version in which a request meets one of the rules: its own, or, of those that look at what is equivalent, another; undefined: none. `isMet`: what
 * else a rule asks of the request.
 */
export function versionMet<R extends RuleWithOperations>(
  rules: readonly R[],
  { target, kind, equivalents }: { readonly target: Omit<Target, 'resource'>; readonly kind: Kind; readonly equivalents: readonly Kind[] },
  isMet: (rule: R) => boolean = () => true,
): Kind | undefined {
  const meets = (rule: R, version: Kind) => ruleMatches(rule, { ...target, resource: version }) && isMet(rule)
  if (rules.some((rule) => meets(rule, kind))) return kind
  for (const rule of rules) {
    const met = equivalents.find((version) => meets(rule, version))
    if (met !== undefined) return met
  }
  return undefined
}
