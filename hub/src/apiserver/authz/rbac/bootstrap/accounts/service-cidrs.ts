import { defineAccountRole } from '../account-role.ts'
import { may, networking } from '../rules.ts'

/** The one of the cluster itself is made by Kubernetes' apiserver. */
export const serviceCidrs = defineAccountRole('service-cidrs-controller', [may('create', networking, 'servicecidrs')])
