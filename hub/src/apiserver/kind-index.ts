import { type Kind, apiVersionOf } from '@bramble/shared/kind.ts'
import { type TypeNode, typeNodeOf } from '@bramble/shared/type-node.ts'

/** The kinds by the names that requests and bodies use. */
export type KindIndex = {
  readonly all: readonly Kind[]
  byResource(group: string, version: string, resource: string): Kind | undefined
  byKind(apiVersion: string, kind: string): Kind | undefined
  nodeOf(kind: Kind): TypeNode
}

export function createKindIndex(kinds: readonly Kind[]): KindIndex {
  const resources = new Map(kinds.map((kind) => [`${apiVersionOf(kind)}/${kind.resource}`, kind]))
  const names = new Map(kinds.map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind]))
  const nodes = new Map<Kind, TypeNode>()
  return {
    all: kinds,
    byResource: (group, version, resource) => resources.get(`${apiVersionOf({ group, version })}/${resource}`),
    byKind: (apiVersion, kind) => names.get(`${apiVersion}/${kind}`),
    nodeOf(kind) {
      let node = nodes.get(kind)
      if (node === undefined) nodes.set(kind, (node = typeNodeOf(kind.schema)))
      return node
    },
  }
}
