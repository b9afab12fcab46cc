/** Bytes of a heap: the program's code as V8 has compiled and specialised it, and everything else. */
export type Heap = { readonly objects: number; readonly code: number }

export type Snapshot = {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly unknown[] } }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

/** V8's lists of the compiled code that depends on a class of objects. No program can make one. */
const dependentCode = 'system / WeakArrayList'

/** Sums up a heap snapshot as V8 writes it. What is not known to be code counts as objects, also buffers outside of the heap. */
export function sizesOf({ snapshot: { meta }, nodes, strings }: Snapshot): Heap {
  const [type = -1, name = -1, size = -1] = ['type', 'name', 'self_size'].map((field) => meta.node_fields.indexOf(field))
  const dependent = strings.indexOf(dependentCode)
  const types = meta.node_types[type]
  const code = Array.isArray(types) ? types.indexOf('code') : -1
  if (type < 0 || name < 0 || size < 0 || code < 0) throw new Error('this is no heap snapshot that tells code from objects')
  const heap = { objects: 0, code: 0 }
  for (let at = 0; at < nodes.length; at += meta.node_fields.length) {
    const isCode = nodes[at + type] === code || nodes[at + name] === dependent
    heap[isCode ? 'code' : 'objects'] += nodes[at + size] ?? 0
  }
  return heap
}
