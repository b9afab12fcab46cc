import { type Namespace, namespaces } from '@bramble/shared/kinds/namespace.ts'
import { defineKindHooks } from '../objects/kind-hooks.ts'

/** Nobody may delete them. */
export const protectedNamespaces = ['default', 'kube-system', 'kube-public'] as const

/** There from the first start on. */
const firstNamespaces = [...protectedNamespaces, 'kube-node-lease'] as const

export const namespaceHooks = defineKindHooks({
  kind: namespaces,
  first: firstNamespaces.map((name): Namespace => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
})
