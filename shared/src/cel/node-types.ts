import type { ObjectNode, ScalarNode, TypeNode } from '../schema/type-node.ts'
import { escapeName } from './schema-fields.ts'
import * as t from './types.ts'
import type { CelType } from './types.ts'

// A memo, not state: nodes never change.
const known = new WeakMap<ObjectNode, CelType>()

/** What an expression may know of an API type. What may be anything, and what contains itself, is dyn. */
export const celTypeOfNode = (node: TypeNode, above: readonly ObjectNode[] = []): CelType => {
  switch (node.tag) {
    case 'object': {
      if (node.open || above.includes(node)) return t.dyn
      let type = known.get(node)
      if (type === undefined) {
        type = { tag: 'object', name: 'object', fields: fieldsOf(node, [...above, node]) }
        if (above.length === 0) known.set(node, type)
      }
      return type
    }
    case 'map':
      return t.mapOf(t.string, celTypeOfNode(node.value, above))
    case 'list':
      return t.listOf(celTypeOfNode(node.item, above))
    case 'scalar':
      return scalarType(node)
    case 'any':
      return t.dyn
    default:
      return node satisfies never
  }
}

/** By its own name, and where that is a word of the language also by the name that schemas give it. */
function fieldsOf(node: ObjectNode, above: readonly ObjectNode[]): ReadonlyMap<string, CelType> {
  const fields = new Map<string, CelType>()
  for (const { name, type } of node.fields.values()) {
    const found = celTypeOfNode(type, above)
    fields.set(name, found)
    fields.set(escapeName(name) ?? name, found)
  }
  return fields
}

function scalarType({ type, format }: ScalarNode): CelType {
  switch (format) {
    case 'int-or-string':
    case 'quantity':
      return t.dyn
    case 'time':
    case 'micro-time':
      return t.timestamp
    case 'bytes':
      return t.bytes
    default:
      return type === 'string' ? t.string : type === 'boolean' ? t.bool : type === 'integer' ? t.int : t.double
  }
}
