import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import type { PathRequest, ResourceRequest } from '../../query/request-info.ts'

/** A rule that somebody has by a binding, and by which one. */
export type Granted = { readonly rule: PolicyRule; readonly by: string }

/** Of one resource and verb the first that allows it for any object, and the first for each name. */
type OfVerb = { any?: Granted; readonly ofNames: Map<string, Granted> }

/**
 * What one subject has in one scope, found by group, resource, verb and name: a decision takes as long however many rules there are. It has as many
 * places as `placesOf` tells of all rules together.
 */
export class Grants {
  readonly #ofGroups = new Map<string, Map<string, Map<string, OfVerb>>>()
  readonly #ofPaths: readonly Granted[]

  constructor(granted: readonly Granted[]) {
    this.#ofPaths = granted.filter(({ rule }) => (rule.nonResourceURLs ?? []).length > 0)
    for (const one of granted)
      for (const group of one.rule.apiGroups ?? []) {
        let ofResources = this.#ofGroups.get(group)
        if (ofResources === undefined) this.#ofGroups.set(group, (ofResources = new Map()))
        for (const resource of one.rule.resources ?? []) {
          let ofVerbs = ofResources.get(resource)
          if (ofVerbs === undefined) ofResources.set(resource, (ofVerbs = new Map()))
          add(ofVerbs, one)
        }
      }
  }

  /** One that allows it. */
  find(request: ResourceRequest | PathRequest): Granted | undefined {
    if (request.type === 'path') return this.#ofPaths.find(({ rule }) => allowsPath(rule, request))
    const { verb, name = '' } = request
    const resources = namesOf(request)
    for (const ofResources of [this.#ofGroups.get(request.group), this.#ofGroups.get('*')]) {
      if (ofResources === undefined) continue
      for (const resource of resources) {
        const ofVerbs = ofResources.get(resource)
        if (ofVerbs === undefined) continue
        for (const ofVerb of [ofVerbs.get(verb), ofVerbs.get('*')]) {
          const found = ofVerb?.any ?? ofVerb?.ofNames.get(name)
          if (found !== undefined) return found
        }
      }
    }
    return undefined
  }
}

function add(ofVerbs: Map<string, OfVerb>, one: Granted): void {
  const { verbs, resourceNames = [] } = one.rule
  for (const verb of verbs) {
    let ofVerb = ofVerbs.get(verb)
    if (ofVerb === undefined) ofVerbs.set(verb, (ofVerb = { ofNames: new Map() }))
    if (resourceNames.length === 0) ofVerb.any ??= one
    for (const name of resourceNames) if (!ofVerb.ofNames.has(name)) ofVerb.ofNames.set(name, one)
  }
}

/** What `Grants` finds, of one rule. */
export const allowsRequest = (rule: PolicyRule, request: ResourceRequest | PathRequest): boolean =>
  request.type === 'path' ? allowsPath(rule, request) : allows(rule, request, namesOf(request))

/** Addresses are compared one after the other, which takes longer than to find something. */
const placesOfPath = 10

/** How many places it takes to find what a rule allows: of four short lists it may be millions. */
export const placesOf = ({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): number =>
  verbs.length * apiGroups.length * resources.length * Math.max(1, resourceNames.length) + placesOfPath * nonResourceURLs.length

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
