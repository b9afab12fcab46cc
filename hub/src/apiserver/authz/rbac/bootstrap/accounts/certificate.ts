import { defineAccountRole } from '../account-role.ts'
import { certificates, may } from '../rules.ts'

/** Kubernetes' controller writes the whole object where this one patches it. */
export const certificate = defineAccountRole('certificate-controller', [may('patch', certificates, 'certificatesigningrequests/status')])
