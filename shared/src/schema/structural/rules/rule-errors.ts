import type { FieldError } from '../../../api/api-error.ts'
import { celValueOf } from '../../../cel/json-values.ts'
import { celLimits } from '../../../cel/limits.ts'
import { Optional } from '../../../cel/values.ts'
import { childPath, keyPath } from '../paths.ts'
import { type ErrorList, isFull, newErrors, note } from '../place.ts'
import { itemsByKey } from './old-items.ts'
import { beside, compared, itemOf, memberOf, notCompared, type Ratchet } from './ratchet.ts'
import type { RuleTree } from './rule-tree.ts'
import { type Purse, RulesStopped, runRule } from './run-rule.ts'

/**
 * The rules of a schema that an object breaks, in the words of Kubernetes. With what the object was before, rules about both are held to
 * as well, and what an update did not touch may stay as it is. All rules of an object share a budget, and each has a part of it.
 */
export function ruleErrors(tree: RuleTree, object: unknown, before?: unknown, path = ''): readonly FieldError[] {
  const errors = newErrors()
  const walk: Walk = { errors, purse: { left: celLimits.perObject } }
  const ratchet = before === undefined ? notCompared : compared(object, before)
  try {
    checkTree(tree, { path, value: object, before, ratchet }, walk)
  } catch (error) {
    if (!(error instanceof RulesStopped)) throw error
    return [...errors.found, error.error]
  }
  return errors.found
}

type Walk = { readonly errors: ErrorList; readonly purse: Purse }
type Spot = { readonly path: string; readonly value: unknown; readonly before: unknown; readonly ratchet: Ratchet }
type Members = Readonly<Record<string, unknown>>

function checkTree(tree: RuleTree, spot: Spot, walk: Walk): void {
  const { value } = spot
  if (value === null || value === undefined || isFull(walk.errors)) return
  if (tree.rules.length > 0) checkRules(tree, spot, walk)
  for (const part of tree.allOf) checkTree(part, { ...spot, ratchet: beside(spot.ratchet) }, walk)
  if (Array.isArray(value)) checkItems(tree, spot, value, walk)
  else if (typeof value === 'object') checkMembers(tree, spot, value as Members, walk) // an object that is no list
}

function checkRules({ schema, rules, isWhole }: RuleTree, { path, value, before, ratchet }: Spot, { errors, purse }: Walk): void {
  const self = celValueOf(value, schema, isWhole)
  const old = before === undefined || before === null ? undefined : celValueOf(before, schema, isWhole)
  for (const compiled of rules) {
    const isOptional = compiled.rule.optionalOldSelf === true
    // There is nothing to compare with.
    if (compiled.usesOld && old === undefined && !isOptional) continue
    const error = runRule(compiled, [self, isOptional ? new Optional(old) : old], { path, schema }, purse)
    if (error !== undefined && (compiled.usesOld || !ratchet.isSame())) note(errors, () => error)
    if (isFull(errors)) return
  }
}

function checkItems({ items, schema }: RuleTree, { path, before, ratchet }: Spot, list: readonly unknown[], walk: Walk): void {
  if (items === undefined) return
  const beforeOf = itemsByKey(schema, before)
  list.forEach((value, index) => {
    const was = beforeOf(value)
    checkTree(items, { path: `${path}[${index}]`, value, before: was, ratchet: itemOf(ratchet, value, was) }, walk)
  })
}

function checkMembers(tree: RuleTree, { path, before, ratchet }: Spot, object: Members, walk: Walk): void {
  const { properties, additional, schema } = tree
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic'
  const old = isAtomic || typeof before !== 'object' || before === null || Array.isArray(before) ? {} : (before as Members) // an object
  const look = (inner: RuleTree, name: string, at: string): void => {
    const was = Object.hasOwn(old, name) ? old[name] : undefined
    const value = object[name]
    checkTree(inner, { path: at, value, before: was, ratchet: memberOf(ratchet, schema, value, was) }, walk)
  }
  if (additional !== undefined) for (const name of Object.keys(object)) look(additional, name, keyPath(path, name))
  for (const [name, inner] of properties) if (Object.hasOwn(object, name)) look(inner, name, childPath(path, name))
}
