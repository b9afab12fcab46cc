import type { User } from '@bramble/shared/api/api-request.ts'
import { checkDnsLabel, checkDnsSubdomain } from '@bramble/shared/meta/names.ts'

const prefix = 'system:serviceaccount:'
const group = 'system:serviceaccounts'

export const accountUserName = (namespace: string, name: string): string => `${prefix}${namespace}:${name}`

export const accountGroups = (namespace: string): readonly string[] => [group, `${group}:${namespace}`]

/** The account that a user's name means, if it means one. */
export function accountOfUser(name: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!name.startsWith(prefix)) return undefined
  const [namespace = '', account = '', ...more] = name.slice(prefix.length).split(':')
  const isOne = more.length === 0 && checkDnsLabel(namespace).length === 0 && checkDnsSubdomain(account).length === 0
  return isOne ? { namespace, name: account } : undefined
}

/** Who comes with a token of an account. */
export const accountUser = (
  { namespace, name, uid }: { readonly namespace: string; readonly name: string; readonly uid: string },
  extra: User['extra'],
): User => ({
  name: accountUserName(namespace, name),
  uid,
  groups: [...accountGroups(namespace), 'system:authenticated'],
  ...(extra !== undefined && { extra }),
})
