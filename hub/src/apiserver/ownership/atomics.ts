import { isObject } from '@bramble/shared/json/is-object.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import { memberNode, shapeOf } from './shape.ts'

/** As many as anybody reads. */
const most = 50

/** Where in a value stand objects, maps and lists that are one value to server-side apply, by their paths. What is in maps is not looked at, as in Kubernetes. */
export function atomicsIn(node: TypeNode, value: unknown): readonly string[] {
  const found: string[] = []
  find(node, value, '', found)
  return found
}

function find(node: TypeNode, value: unknown, path: string, found: string[]): void {
  if (typeof value !== 'object' || value === null || node.tag === 'scalar' || found.length >= most) return
  const shape = shapeOf(node, value)
  if (shape.type === 'one') found.push(path)
  if (Array.isArray(value)) {
    const item: TypeNode = node.tag === 'list' ? node.item : { tag: 'any' }
    for (const [index, each] of value.entries()) find(item, each, `${path}[${index}]`, found)
  } else if (isObject(value) && node.tag === 'object')
    for (const [name, member] of Object.entries(value)) {
      const inner = memberNode({ type: 'struct', node }, name)
      if (inner !== undefined) find(inner, member, `${path}.${name}`, found)
    }
}
