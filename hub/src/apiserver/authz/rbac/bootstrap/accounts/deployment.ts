import { defineAccountRole } from '../account-role.ts'
import { may } from '../rules.ts'

/** Kubernetes' controller writes the whole object where this one patches it. */
export const deployment = defineAccountRole('deployment-controller', [may('patch', 'apps', 'deployments')])
