/**
 * A set of field paths, in the shape of FieldsV1: a tree whose edges are path elements (`f:name`, `k:{"name":"x"}`, `v:"x"`). A path is in
 * the set if its node is empty or has a `.`; a node that has only longer paths below it is not. The root is never in it itself: an empty
 * root is the empty set. Sets are shared and never changed. Their element names are never those that objects inherit.
 */
export type FieldSet = { readonly [element: string]: FieldSet }

export type MutableSet = { [element: string]: FieldSet }

/** The path that ends here is in the set, and none below it. */
export const leaf: FieldSet = Object.freeze({})
export const empty: FieldSet = leaf

export const isEmpty = (set: FieldSet): boolean => {
  for (const _ in set) return false
  return true
}

/** Of a node below the root: whether the path that leads to it is in the set. */
export const isMember = (node: FieldSet): boolean => node['.'] !== undefined || isEmpty(node)

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmpty(b)) return a
  if (isEmpty(a)) return b
  const both: MutableSet = { ...a }
  for (const element of Object.keys(b)) {
    const [one, other] = [a[element], b[element] as FieldSet] // a key of it
    both[element] = one === undefined || element === '.' ? other : joined(one, other)
  }
  return both
}

function joined(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a
  if (isEmpty(a)) return withSelf(b)
  if (isEmpty(b)) return withSelf(a)
  return union(a, b)
}

const withSelf = (node: FieldSet): FieldSet => (isMember(node) ? node : { '.': leaf, ...node })

/** What is in `a` and not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return a
  const kept: MutableSet = {}
  for (const element of Object.keys(a)) {
    if (element === '.') continue
    const [node, other] = [a[element] as FieldSet, b[element]] // a key of it
    const rest = other === undefined ? node : nodeOf(isMember(node) && !isMember(other), difference(withoutSelf(node), withoutSelf(other)))
    if (rest !== undefined) kept[element] = rest
  }
  return kept
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a
  const both: MutableSet = {}
  for (const element of Object.keys(a)) {
    const [one, other] = [a[element] as FieldSet, b[element]] // a key of it
    if (other === undefined || element === '.') continue
    const shared = nodeOf(isMember(one) && isMember(other), isEmpty(one) || isEmpty(other) ? empty : intersection(one, other))
    if (shared !== undefined) both[element] = shared
  }
  return both
}

function nodeOf(isIn: boolean, below: FieldSet): FieldSet | undefined {
  if (isIn) return withSelf(below)
  return isEmpty(below) ? undefined : below
}

function withoutSelf(node: FieldSet): FieldSet {
  if (node['.'] === undefined) return node
  const { '.': _, ...below } = node
  return below
}

/** The set of one path. */
export const pathSet = (elements: readonly string[]): FieldSet =>
  elements.reduceRight<FieldSet>((below, element) => ({ [element]: below }), leaf)

/** Every path of it, as its elements. */
export function* pathsOf(set: FieldSet, before: readonly string[] = []): Generator<readonly string[]> {
  for (const element of Object.keys(set).sort()) {
    if (element === '.') continue
    const [node, path] = [set[element] as FieldSet, [...before, element]] // a key of it
    if (isMember(node)) yield path
    yield* pathsOf(node, path)
  }
}

/** The same set with its elements in order, so that equal sets are equal texts. */
export function sorted(set: FieldSet): FieldSet {
  if (isEmpty(set)) return leaf
  const elements = Object.keys(set)
  const ordered: MutableSet = {}
  for (const element of elements.length === 1 ? elements : elements.sort()) ordered[element] = sorted(set[element] as FieldSet) // a key of it
  return ordered
}
