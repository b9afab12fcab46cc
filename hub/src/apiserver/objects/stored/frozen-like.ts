/**
 * Freezes a JSON value all the way down, and puts in the place of what says the same as in another frozen one at the same place that one's own:
 * objects of a kind say much that the others do, and each would hold a copy. What is frozen is left as it is.
 */
export function frozenLike<T>(value: T, like: unknown): T {
  return shared(value, like) as T // the same, or what says the same
}

type Members = Record<string, unknown>

function shared(value: unknown, like: unknown): unknown {
  // Of two equal texts one is kept.
  if (typeof value !== 'object' || value === null) return typeof value === 'string' && value === like ? like : value
  if (value === like || Object.isFrozen(value)) return value
  const other = typeof like === 'object' && like !== null && Array.isArray(like) === Array.isArray(value) ? (like as Members) : undefined
  const members = value as Members
  const names = Object.keys(value)
  const otherNames = other === undefined ? [] : Object.keys(other)
  let isSame = names.length === otherNames.length
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] as string // below the length
    // In the same order too: it is seen in texts.
    const isThere = otherNames[at] === name
    const was = members[name]
    const theirs = other !== undefined && (isThere || Object.hasOwn(other, name)) ? other[name] : undefined
    const is = shared(was, theirs)
    if (is !== was) members[name] = is
    if (isSame) isSame = isThere && Object.is(is, theirs)
  }
  return isSame && other !== undefined ? other : Object.freeze(value)
}
