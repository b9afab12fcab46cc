import { defineAccountRole } from '../account-role.ts'
import { core, may } from '../rules.ts'

/** Kubernetes' apiserver does this by itself. */
export const systemNamespaces = defineAccountRole('system-namespaces-controller', [may('create', core, 'namespaces')])
