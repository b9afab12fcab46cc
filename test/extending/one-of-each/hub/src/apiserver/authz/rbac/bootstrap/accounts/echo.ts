import { defineAccountRole } from '@bramble/hub/apiserver/authz/rbac/bootstrap/account-role.ts'
import { core, may } from '@bramble/hub/apiserver/authz/rbac/bootstrap/rules.ts'

export const echo = defineAccountRole('echo-controller', [may('patch', core, 'configmaps')])
