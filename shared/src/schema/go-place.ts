import type { TypeNode } from './type-node.ts'

type Path = readonly PropertyKey[]

/**
 * Where a value is, in the words of Go's decoder: `Go struct field ObjectMeta.metadata.labels of type map[string]string`. Items of lists
 * and keys of maps have no part in it. Of the named types of strings it knows nothing, they are all `string`.
 */
export function goPlace(root: TypeNode, path: Path): string {
  const names: string[] = []
  let at: TypeNode | undefined = root
  let struct = ''
  for (const part of path) {
    if (at?.tag === 'object') {
      struct = at.typeName
      names.push(String(part))
    }
    at = memberOf(at, String(part))
  }
  const type = at === undefined ? 'interface {}' : goType(at)
  return struct === '' ? `Go value of type ${type}` : `Go struct field ${struct}.${names.join('.')} of type ${type}`
}

/** The type of a field, of an item of a list, of a value of a map. */
export function memberOf(node: TypeNode | undefined, key: string): TypeNode | undefined {
  if (node?.tag === 'object') return node.fields.get(key)?.type
  if (node?.tag === 'list') return node.item
  return node?.tag === 'map' ? node.value : undefined
}

function goType(node: TypeNode): string {
  switch (node.tag) {
    case 'any':
      return 'interface {}'
    case 'list':
      return `[]${goType(node.item)}`
    case 'map':
      return node.value.tag === 'scalar' && node.value.format === 'quantity' ? 'v1.ResourceList' : `map[string]${goType(node.value)}`
    case 'object':
      // A package is called after its version alone.
      return node.typeName === '' ? 'map[string]interface {}' : `${node.group.slice(node.group.lastIndexOf('/') + 1)}.${node.typeName}`
    case 'scalar':
      return node.format === undefined ? ofType[node.type] : ofFormat[node.format]
    default:
      return node satisfies never
  }
}

const ofType = { string: 'string', integer: 'int64', number: 'float64', boolean: 'bool' } as const

const ofFormat = {
  ...{ int32: 'int32', int64: 'int64', double: 'float64', bytes: '[]uint8' },
  ...{ quantity: 'resource.Quantity', 'int-or-string': 'intstr.IntOrString', time: 'v1.Time', 'micro-time': 'v1.MicroTime' },
} as const
