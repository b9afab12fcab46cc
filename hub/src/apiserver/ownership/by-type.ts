import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import { type FieldSet, isEmpty, isMember, leaf, type MutableSet } from './field-set.ts'

/** A set with every struct's field in it that has longer paths below it: whoever owns those alone takes the field along when they go. */
export const withNamedFields = (node: TypeNode | undefined, set: FieldSet): FieldSet =>
  rewritten(node, set, (member, below) => (member.isNamed && !isMember(below) ? { '.': leaf, ...below } : below))

/**
 * A set as its type names fields today: whoever owned a part of what has become one value since owns it whole. What was one value and has
 * members now needs nothing: it is as if it always had them.
 */
export function asTypedToday(node: TypeNode | undefined, set: FieldSet): FieldSet {
  if (node === undefined) return set
  let known = today.get(node)
  if (known === undefined) today.set(node, (known = new WeakMap()))
  let typed = known.get(set)
  if (typed === undefined) {
    typed = rewritten(node, set, ({ node: type }, below) => (type !== undefined && !isEmpty(below) && isOneValue(type) ? leaf : below))
    known.set(set, typed)
  }
  return typed
}

// A memo: what has been read of one text is one set.
const today = new WeakMap<TypeNode, WeakMap<FieldSet, FieldSet>>()

function isOneValue(node: TypeNode): boolean {
  if (node.tag === 'list') return node.listType === 'atomic' || (node.listType === undefined && !node.patchStrategy.includes('merge'))
  return (node.tag === 'object' || node.tag === 'map') && node.atomic
}

type Member = { readonly node: TypeNode | undefined; readonly isNamed: boolean }

/** Made anew only where something changes. */
function rewritten(node: TypeNode | undefined, set: FieldSet, rewrite: (member: Member, below: FieldSet) => FieldSet): FieldSet {
  if (node === undefined) return set
  let result: MutableSet | undefined
  for (const element of Object.keys(set)) {
    if (element === '.') continue
    const known = set[element] as FieldSet // a key of it
    if (isEmpty(known)) continue
    const member = memberOf(node, element)
    const next = rewrite(member, rewritten(member.node, known, rewrite))
    if (next !== known) (result ??= { ...set })[element] = next
  }
  return result ?? set
}

function memberOf(node: TypeNode, element: string): Member {
  switch (node.tag) {
    case 'object': {
      const part = element.startsWith('f:') ? node.fields.get(element.slice(2)) : undefined
      return { node: part?.type, isNamed: part !== undefined }
    }
    case 'map':
      return { node: node.value, isNamed: false }
    case 'list':
      return { node: node.item, isNamed: false }
    case 'scalar':
    case 'any':
      return { node: undefined, isNamed: false }
    default:
      return node satisfies never
  }
}
