import { defineAccountRole } from '../account-role.ts'
import { core, may } from '../rules.ts'

/** Fills Secrets that ask for the token of an account; Kubernetes' controller manager does it under its own name. */
export const serviceAccountTokenRole = defineAccountRole('serviceaccount-token-controller', [
  may('get update delete', core, 'secrets'),
  may('get', core, 'serviceaccounts'),
])
