import type { PolicyRule } from '@bramble/shared/types/rbac.ts'

export const read = ['get', 'list', 'watch'] as const
export const write = ['create', 'update', 'patch', 'delete', 'deletecollection'] as const
export const readWrite = [...read, ...write] as const

type Texts = string | readonly string[]

/** Rules read `may('get list', 'apps', 'deployments deployments/scale')`; the core group is ''. They are written sorted, as Kubernetes has them. */
export const may = (verbs: Texts, groups: Texts, resources: Texts, names?: Texts): PolicyRule => ({
  apiGroups: listOf(groups),
  ...(names !== undefined && { resourceNames: listOf(names) }),
  resources: listOf(resources),
  verbs: listOf(verbs),
})

export const mayGet = (...paths: readonly string[]): PolicyRule => ({ nonResourceURLs: paths.toSorted(), verbs: ['get'] })

export const core = ''
export const rbac = 'rbac.authorization.k8s.io'
export const authentication = 'authentication.k8s.io'
export const authorization = 'authorization.k8s.io'
export const certificates = 'certificates.k8s.io'
export const coordination = 'coordination.k8s.io'
export const discovery = 'discovery.k8s.io'
export const networking = 'networking.k8s.io'
export const storage = 'storage.k8s.io'
export const dynamicResources = 'resource.k8s.io'

/** What every component tells. */
export const mayReport = may('create update patch', [core, 'events.k8s.io'], 'events')

function listOf(texts: Texts): string[] {
  return (typeof texts === 'string' ? texts.split(' ') : [...texts]).toSorted()
}
