/** How a field's bytes are framed; the groups (3, 4) of proto2 are read past, never written. */
export type WireType = 0 | 1 | 2 | 3 | 4 | 5

export type Tag = { readonly field: number; readonly wireType: WireType }

/** A protobuf message that ends too early, or says something no encoder would write. */
export class WireError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WireError'
  }
}

// Deeper than any Kubernetes or CRI message, shallow enough for the stack.
export const maxWireDepth = 100
