import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import { coversPath } from './grants.ts'

/** So many are done in a tenth of a second. Roles of people have some hundred pieces, and who gives them away some dozens of rules. */
const mostComparisons = 2_000_000

/**
 * What of these rules is not in what is owned, in as small pieces as rules have: each is in one owned rule, or in none. Undefined: they are
 * too many to be compared. Four short lists make a million pieces, so they are counted before they are made.
 */
export function missingFrom(owned: readonly PolicyRule[], all: readonly PolicyRule[]): readonly PolicyRule[] | undefined {
  const wanted = all.map(withoutDoubles)
  const pieces = wanted.reduce((sum, rule) => sum + countOf(rule), 0)
  if (pieces * (owned.length + 1) > mostComparisons) return undefined
  return wanted.flatMap(piecesOf).filter((piece) => !owned.some((rule) => covers(rule, piece)))
}

const withoutDoubles = (rule: PolicyRule): PolicyRule => ({
  verbs: [...new Set(rule.verbs)],
  apiGroups: [...new Set(rule.apiGroups)],
  resources: [...new Set(rule.resources)],
  resourceNames: [...new Set(rule.resourceNames)],
  nonResourceURLs: [...new Set(rule.nonResourceURLs)],
})

const countOf = ({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): number =>
  verbs.length * (apiGroups.length * resources.length * Math.max(1, resourceNames.length) + nonResourceURLs.length)

function piecesOf({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): PolicyRule[] {
  const ofResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb): PolicyRule[] => {
        const piece = { apiGroups: [group], resources: [resource], verbs: [verb] }
        return resourceNames.length === 0 ? [piece] : resourceNames.map((name) => ({ ...piece, resourceNames: [name] }))
      }),
    ),
  )
  return [...ofResources, ...nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })))]
}

function covers(owned: PolicyRule, piece: PolicyRule): boolean {
  const names = owned.resourceNames ?? []
  const [url] = piece.nonResourceURLs ?? []
  if (!hasAll(owned.verbs, piece.verbs)) return false
  if (url !== undefined) return (owned.nonResourceURLs ?? []).some((pattern) => coversPath(pattern, url))
  return (
    hasAll(owned.apiGroups, piece.apiGroups) &&
    (piece.resources ?? []).every((resource) => hasResource(owned.resources ?? [], resource)) &&
    // Who may do it to some may not do it to all.
    (names.length === 0 || (piece.resourceNames ?? []).some((name) => names.includes(name)))
  )
}

const hasAll = (owned: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean =>
  owned !== undefined && (owned.includes('*') || (wanted ?? []).every((one) => owned.includes(one)))

function hasResource(owned: readonly string[], resource: string): boolean {
  if (owned.includes('*') || owned.includes(resource)) return true
  const slash = resource.indexOf('/')
  return slash !== -1 && owned.includes(`*${resource.slice(slash)}`)
}
