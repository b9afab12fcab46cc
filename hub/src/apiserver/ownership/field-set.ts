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

// What changes nothing gives back what it was given: whoever has its text need not write it again.

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmpty(b)) return a
  if (isEmpty(a)) return b
  let both: MutableSet | undefined
  for (const element of Object.keys(b)) {
    const [one, other] = [a[element], b[element] as FieldSet] // a key of it
    const together = one === undefined ? other : element === '.' ? one : joined(one, other)
    if (together !== one) (both ??= { ...a })[element] = together
  }
  return both ?? a
}

function joined(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a
  if (isEmpty(b)) return withSelf(a)
  if (isEmpty(a)) return withSelf(b)
  return union(a, b)
}

const withSelf = (node: FieldSet): FieldSet => (isMember(node) ? node : { '.': leaf, ...node })

/** What is in `a` and not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  let kept: MutableSet | undefined
  for (const element of Object.keys(b)) {
    const [node, other] = [a[element], b[element] as FieldSet] // a key of it
    if (node === undefined || element === '.') continue
    const rest = differenceBelow(node, other)
    if (rest === node) continue
    kept ??= { ...a }
    if (rest === undefined) delete kept[element]
    else kept[element] = rest
  }
  return kept ?? a
}

/** Of two nodes below the root; undefined: nothing is left. */
function differenceBelow(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (isEmpty(a)) return isMember(b) ? undefined : a
  if (isEmpty(b)) return a['.'] === undefined ? a : withoutSelf(a)
  const below = difference(a, b)
  const rest = b['.'] === undefined ? below : withoutSelf(below)
  return isEmpty(rest) ? undefined : rest['.'] !== undefined && isAlone(rest) ? leaf : rest
}

const isAlone = (node: FieldSet): boolean => Object.keys(node).length === 1

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

/** What of it stands at the path or below; `*` is any element. */
export function under(set: FieldSet, [element, ...rest]: readonly string[]): FieldSet {
  if (element === undefined) return set
  const kept: MutableSet = {}
  for (const [name, below] of Object.entries(set)) {
    if (name === '.' || (element !== '*' && element !== name)) continue
    const found = under(below, rest)
    if (rest.length === 0 || !isEmpty(found)) kept[name] = found
  }
  return kept
}

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
