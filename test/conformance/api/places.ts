import type { Field, ObjectNode, TypeNode } from '@bramble/shared/schema/type-node.ts'

/** A field somewhere in an object. In the path stand its name and those above it, `[]` for an item of a list, `{}` for a value of a map. */
export type Place = { readonly path: readonly string[]; readonly owner: ObjectNode; readonly field: Field }

/** Every field of a type, and of the types in it; one that contains itself is entered once on each path. */
export function placesOf(node: TypeNode, path: readonly string[] = [], above: readonly TypeNode[] = []): Place[] {
  if (node.tag === 'list') return placesOf(node.item, [...path, '[]'], above)
  if (node.tag === 'map') return placesOf(node.value, [...path, '{}'], above)
  if (node.tag !== 'object' || above.includes(node)) return []
  return [...node.fields.values()].flatMap((field) => {
    const at = [...path, field.name]
    return [{ path: at, owner: node, field }, ...placesOf(field.type, at, [...above, node])]
  })
}

/** As it stands in documents: `spec.containers[].name`. */
export const pathText = (path: readonly string[]): string => path.join('.').replaceAll('.[]', '[]').replaceAll('.{}', '.*')
