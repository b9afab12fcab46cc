import type { User } from '@bramble/shared/api/api-request.ts'
import type { PathRequest, ResourceRequest } from '../query/request-info.ts'
import type { GroupResources, Level, Policy, PolicyRule, Stage } from './policy.ts'

/** What is written of one request. */
export type Extent = { readonly level: Level; readonly omits: ReadonlySet<Stage>; readonly omitsManagedFields: boolean }

/** Nobody of a request that could not be told from whom it is. */
export type Question = { readonly user: User | undefined; readonly info: ResourceRequest | PathRequest }

/** The first rule that matches decides; where none does, nothing is written. */
export function createRules({ rules, omitStages = [], omitManagedFields = false }: Policy): (question: Question) => Extent {
  const nothing: Extent = { level: 'None', omits: new Set(omitStages), omitsManagedFields: false }
  const compiled = rules.map((rule) => ({
    isOf: subjectsOf(rule),
    matches: requestsOf(rule),
    extent: {
      level: rule.level,
      omits: new Set([...omitStages, ...(rule.omitStages ?? [])]),
      omitsManagedFields: rule.omitManagedFields ?? omitManagedFields,
    } satisfies Extent,
  }))
  // A user who asks often is the same object each time, and most rules are about somebody else.
  const ofUsers = new WeakMap<User, typeof compiled>()
  const about = (user: User | undefined) => {
    if (user === undefined) return compiled.filter(({ isOf }) => isOf(undefined))
    let found = ofUsers.get(user)
    if (found === undefined) ofUsers.set(user, (found = compiled.filter(({ isOf }) => isOf(user))))
    return found
  }
  return ({ user, info }) => {
    for (const { matches, extent } of about(user)) if (matches(info)) return extent
    return nothing
  }
}

/** An empty list says nothing, as in Kubernetes. */
const wordsOf = (texts: readonly string[] | undefined): ReadonlySet<string> | undefined =>
  texts === undefined || texts.length === 0 ? undefined : new Set(texts)

function subjectsOf(rule: PolicyRule): (user: User | undefined) => boolean {
  const [users, groups] = [wordsOf(rule.users), wordsOf(rule.userGroups)]
  return (user) =>
    (users === undefined || (user !== undefined && users.has(user.name))) &&
    (groups === undefined || (user !== undefined && user.groups.some((group) => groups.has(group))))
}

function requestsOf(rule: PolicyRule): (info: ResourceRequest | PathRequest) => boolean {
  const [verbs, namespaces] = [wordsOf(rule.verbs), wordsOf(rule.namespaces)]
  const { resources = [], nonResourceURLs = [] } = rule
  const parts = resources.map(resourcesOf)
  const isOfResources = namespaces !== undefined || parts.length > 0
  return (info) => {
    if (verbs !== undefined && !verbs.has(info.verb)) return false
    if (isOfResources)
      return (
        info.type === 'resource' &&
        // What has no namespace is in the empty one.
        (namespaces === undefined || namespaces.has(info.namespace ?? '')) &&
        (parts.length === 0 || parts.some((isIn) => isIn(info)))
      )
    return nonResourceURLs.length === 0 || (info.type === 'path' && nonResourceURLs.some((url) => isAt(url, info.path)))
  }
}

const isAt = (url: string, path: string): boolean => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)))

function resourcesOf({ group = '', resources, resourceNames }: GroupResources): (info: ResourceRequest) => boolean {
  const [words, names] = [wordsOf(resources), wordsOf(resourceNames)]
  return ({ group: asked, resource, subresource, name = '' }) => {
    if (group !== asked) return false
    if (words === undefined) return true
    if (names !== undefined && !names.has(name)) return false
    return (
      words.has('*') ||
      words.has(`${resource}/*`) ||
      (subresource === undefined ? words.has(resource) : words.has(`${resource}/${subresource}`) || words.has(`*/${subresource}`))
    )
  }
}
