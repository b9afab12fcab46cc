import { type Namespace, namespaces } from '@bramble/shared/kinds/namespace.ts'
import { defineKindHooks } from '../objects/kind-hooks.ts'

/** There from the first start on, and never deleted. */
export const protectedNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const

export const namespaceHooks = defineKindHooks({
  kind: namespaces,
  first: protectedNamespaces.map((name): Namespace => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
})
