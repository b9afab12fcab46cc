import { marked } from '@bramble/shared/discover.ts'
import type { PolicyRule } from '@bramble/shared/types/rbac.ts'

/** What a controller may do that no role of Kubernetes' own gives it. */
export type AccountRole = { readonly isAccountRole: true; readonly account: string; readonly rules: readonly PolicyRule[] }

/** A file in `accounts/` exports one, for the service account of kube-system as which the controller acts. */
export const defineAccountRole = (account: string, rules: readonly PolicyRule[]): AccountRole =>
  Object.freeze({ isAccountRole: true as const, account, rules })

export const isAccountRole = marked<AccountRole>('isAccountRole')
