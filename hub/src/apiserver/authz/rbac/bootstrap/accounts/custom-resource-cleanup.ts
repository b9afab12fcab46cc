import { defineAccountRole } from '../account-role.ts'
import { core, may } from '../rules.ts'

const definitions = 'apiextensions.k8s.io'

/** Kubernetes' apiserver does this by itself. */
export const customResourceCleanup = defineAccountRole('custom-resource-cleanup-controller', [
  may('get patch', definitions, 'customresourcedefinitions'),
  may('patch', definitions, 'customresourcedefinitions/status'),
  may('list', core, 'namespaces'),
  may('list deletecollection', '*', '*'),
])
