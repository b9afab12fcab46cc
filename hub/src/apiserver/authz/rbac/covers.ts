import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import { coversPath } from './grants.ts'

/** What of these rules is not in what is owned, in as small pieces as rules have: each is in one owned rule, or in none. */
export const missingFrom = (owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] =>
  wanted.flatMap(piecesOf).filter((piece) => !owned.some((rule) => covers(rule, piece)))

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
