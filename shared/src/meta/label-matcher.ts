import { ownValue } from '../json/own.ts'

export type Labels = Readonly<Record<string, string>>
/** A selector as a list of requirements that must all hold. An empty one matches everything. */
export type Selector = readonly Requirement[]
export type Requirement = {
  readonly key: string
  readonly operator: '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'
  readonly values: readonly string[]
}
export type Matcher = (labels: Labels | undefined) => boolean

/** All that a selector says of one label. */
type Terms = { isNeeded: boolean; isForbidden: boolean; among: Set<string> | undefined; not: Set<string>; above: number; below: number }

/**
 * A selector made ready: one look costs as many steps as the object has labels, however many requirements there are. A label that is
 * needed and absent ends it, and there are at most as many before that as the object has.
 */
export function matcherOf(selector: Selector): Matcher {
  const byKey = new Map<string, Terms>()
  for (const requirement of selector) {
    let terms = byKey.get(requirement.key)
    if (terms === undefined) {
      terms = { isNeeded: false, isForbidden: false, among: undefined, not: new Set(), above: -Infinity, below: Infinity }
      byKey.set(requirement.key, terms)
    }
    add(terms, requirement)
  }
  const needed = [...byKey].flatMap(([key, { isNeeded }]) => (isNeeded ? [key] : []))
  return (labels = {}) => {
    for (const key of needed) if (ownValue(labels, key) === undefined) return false
    for (const key in labels) {
      const terms = byKey.get(key)
      const value = ownValue(labels, key)
      if (terms !== undefined && value !== undefined && !allows(terms, value)) return false
    }
    return true
  }
}

function add(terms: Terms, { operator, values }: Requirement): void {
  switch (operator) {
    case '=':
    case '==':
    case 'in': {
      const { among } = terms
      terms.isNeeded = true
      terms.among = new Set(among === undefined ? values : values.filter((value) => among.has(value)))
      return
    }
    case '!=':
    case 'notin':
      for (const value of values) terms.not.add(value)
      return
    case 'exists':
      terms.isNeeded = true
      return
    case '!':
      terms.isForbidden = true
      return
    case 'gt':
      terms.isNeeded = true
      terms.above = Math.max(terms.above, Number(values[0]))
      return
    case 'lt':
      terms.isNeeded = true
      terms.below = Math.min(terms.below, Number(values[0]))
      return
    default:
      operator satisfies never
  }
}

function allows({ isForbidden, among, not, above, below }: Terms, value: string): boolean {
  if (isForbidden || among?.has(value) === false || not.has(value)) return false
  if (above === -Infinity && below === Infinity) return true
  return /^[+-]?\d+$/.test(value) && Number(value) > above && Number(value) < below
}
