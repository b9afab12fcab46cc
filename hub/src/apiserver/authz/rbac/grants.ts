import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import type { PathRequest, ResourceRequest } from '../../query/request-info.ts'

/** A rule that somebody has by a binding, and by which one. */
export type Granted = { readonly rule: PolicyRule; readonly by: string }

/** Of one resource and verb the first that allows it for any object, and the first for each name. */
type OfVerb = { any?: Granted; readonly ofNames: Map<string, Granted> }

/** More places than this are not kept for one subject: a short rule may name a thousand groups and as many resources and verbs. */
const mostPlaces = 20_000

/**
 * What one subject has in one scope, found by group, resource, verb and name: a decision takes as long however many rules there are. Whose rules
 * would take too many places has them looked through one after the other.
 */
export class Grants {
  readonly #ofResources = new Map<string, Map<string, OfVerb>>()
  readonly #oneByOne: readonly Granted[]
  readonly #ofPaths: readonly Granted[]

  constructor(granted: readonly Granted[]) {
    this.#ofPaths = granted.filter(({ rule }) => (rule.nonResourceURLs ?? []).length > 0)
    const ofResources = granted.filter(({ rule }) => (rule.resources ?? []).length > 0)
    const isShort = ofResources.reduce((sum, { rule }) => sum + placesOf(rule), 0) <= mostPlaces
    this.#oneByOne = isShort ? [] : ofResources
    if (!isShort) return
    for (const one of ofResources)
      for (const group of one.rule.apiGroups ?? []) for (const resource of one.rule.resources ?? []) this.#add(`${group}/${resource}`, one)
  }

  #add(key: string, one: Granted): void {
    let ofVerbs = this.#ofResources.get(key)
    if (ofVerbs === undefined) this.#ofResources.set(key, (ofVerbs = new Map()))
    const { verbs, resourceNames = [] } = one.rule
    for (const verb of verbs) {
      let ofVerb = ofVerbs.get(verb)
      if (ofVerb === undefined) ofVerbs.set(verb, (ofVerb = { ofNames: new Map() }))
      if (resourceNames.length === 0) ofVerb.any ??= one
      for (const name of resourceNames) if (!ofVerb.ofNames.has(name)) ofVerb.ofNames.set(name, one)
    }
  }

  /** One that allows it. */
  find(request: ResourceRequest | PathRequest): Granted | undefined {
    if (request.type === 'path') return this.#ofPaths.find(({ rule }) => allowsPath(rule, request))
    const { verb, name = '' } = request
    const resources = namesOf(request)
    for (const group of [request.group, '*'])
      for (const resource of resources) {
        const ofVerbs = this.#ofResources.get(`${group}/${resource}`)
        if (ofVerbs === undefined) continue
        for (const ofVerb of [ofVerbs.get(verb), ofVerbs.get('*')]) {
          const found = ofVerb?.any ?? ofVerb?.ofNames.get(name)
          if (found !== undefined) return found
        }
      }
    return this.#oneByOne.find(({ rule }) => allows(rule, request, resources))
  }
}

/** What `Grants` finds, of one rule. */
export const allowsRequest = (rule: PolicyRule, request: ResourceRequest | PathRequest): boolean =>
  request.type === 'path' ? allowsPath(rule, request) : allows(rule, request, namesOf(request))

const placesOf = ({ verbs, apiGroups = [], resources = [], resourceNames = [] }: PolicyRule): number =>
  verbs.length * apiGroups.length * resources.length * Math.max(1, resourceNames.length)

// As rules may name it: `pods`, `pods/log`, `*/log`, `*`. A rule about a resource is not about its subresources.
const namesOf = ({ resource, subresource }: ResourceRequest): readonly string[] =>
  subresource === undefined ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*']

const names = (all: readonly string[] | undefined, one: string): boolean => all?.includes(one) === true || all?.includes('*') === true

const allows = (rule: PolicyRule, { group, verb, name = '' }: ResourceRequest, resources: readonly string[]): boolean =>
  names(rule.apiGroups, group) &&
  names(rule.verbs, verb) &&
  resources.some((resource) => rule.resources?.includes(resource)) &&
  ((rule.resourceNames ?? []).length === 0 || rule.resourceNames?.includes(name) === true)

const allowsPath = ({ verbs, nonResourceURLs = [] }: PolicyRule, { verb, path }: PathRequest): boolean =>
  names(verbs, verb) && nonResourceURLs.some((url) => coversPath(url, path))

/** `*` at the end stands for whatever follows. */
export const coversPath = (url: string, path: string): boolean =>
  url === '*' || url === path || (url.endsWith('*') && path.startsWith(withoutStars(url)))

function withoutStars(url: string): string {
  let end = url.length
  while (url[end - 1] === '*') end--
  return url.slice(0, end)
}
