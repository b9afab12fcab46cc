import { defineAccountRole } from '../account-role.ts'
import { core, may } from '../rules.ts'

/** Kubernetes' controller writes the whole object where this one patches it. */
export const namespace = defineAccountRole('namespace-controller', [may('patch', core, 'namespaces/status')])
