import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import type { PathRequest, ResourceRequest } from '../../query/request-info.ts'

/** A rule that somebody has by a binding, and by which one. */
export type Granted = { readonly rule: PolicyRule; readonly by: string }

/** Of one resource and verb the first that allows it for any object, and the first for each name. */
type OfVerb = { any?: Granted; readonly ofNames: Map<string, Granted> }

/** What one subject has in one scope, found by group, resource, verb and name: a decision takes as long however many rules there are. */
export class Grants {
  readonly #ofResources = new Map<string, Map<string, OfVerb>>()
  readonly #ofPaths: Granted[] = []

  constructor(granted: Iterable<Granted>) {
    for (const one of granted) {
      for (const group of one.rule.apiGroups ?? []) for (const resource of one.rule.resources ?? []) this.#add(`${group}/${resource}`, one)
      if ((one.rule.nonResourceURLs ?? []).length > 0) this.#ofPaths.push(one)
    }
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
    for (const group of [request.group, '*'])
      for (const resource of namesOf(request)) {
        const ofVerbs = this.#ofResources.get(`${group}/${resource}`)
        if (ofVerbs === undefined) continue
        for (const ofVerb of [ofVerbs.get(verb), ofVerbs.get('*')]) {
          const found = ofVerb?.any ?? ofVerb?.ofNames.get(name)
          if (found !== undefined) return found
        }
      }
    return undefined
  }
}

// As rules may name it: `pods`, `pods/log`, `*/log`, `*`. A rule about a resource is not about its subresources.
const namesOf = ({ resource, subresource }: ResourceRequest): readonly string[] =>
  subresource === undefined ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*']

const allowsPath = ({ verbs, nonResourceURLs = [] }: PolicyRule, { verb, path }: PathRequest): boolean =>
  (verbs.includes(verb) || verbs.includes('*')) && nonResourceURLs.some((url) => coversPath(url, path))

/** `*` at the end stands for whatever follows. */
export const coversPath = (url: string, path: string): boolean =>
  url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')))
