import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, User } from '@bramble/shared/api/api-request.ts'
import { type Authorizer, decide, forbidden } from '../authz/authorizer.ts'
import type { RequestVerb, ResourceRequest } from '../query/request-info.ts'
import { anonymous } from './client-certificate.ts'
import { accountGroups, accountOfUser, accountUserName } from './service-accounts/names.ts'

/** Between several values of one header, where no value can have it: names may hold commas. */
export const betweenValues = '\n'

const prefix = 'impersonate-'
const extraPrefix = `${prefix}extra-`

export function isImpersonating(headers: ApiRequest['headers']): boolean {
  for (const name in headers) if (name.startsWith(prefix)) return true
  return false
}

/**
 * Who somebody wants to be taken for (`kubectl --as`). He must be allowed to be each part of it: the user or account, each group, the uid and each
 * further thing that is said. Undefined when he wants to be himself after all.
 */
export function impersonated(headers: ApiRequest['headers'], asker: User, authorizers: readonly Authorizer[]): User | undefined {
  const parts = partsIn(headers)
  const { name, uid } = parts
  const groups = [...parts.groups]
  if (name === '' && (groups.length > 0 || uid !== '' || parts.extra.length > 0))
    throw badRequest(`requested [${parts.references().join(' ')}] without impersonating a user`)
  if (name === '') return undefined
  const account = accountOfUser(name)
  check(asker, authorizers, account === undefined ? { resource: 'users', name } : { resource: 'serviceaccounts', ...account })
  for (const group of groups) check(asker, authorizers, { resource: 'groups', name: group })
  for (const { key, value } of parts.extra)
    check(asker, authorizers, { ...authentication, resource: 'userextras', name: value, ...(key !== '' && { subresource: key }) })
  if (uid !== '') check(asker, authorizers, { ...authentication, resource: 'uids', name: uid })

  if (account !== undefined && groups.length === 0) groups.push(...accountGroups(account.namespace))
  const [all, none] = ['system:authenticated', 'system:unauthenticated']
  if (name === anonymous.name) {
    if (!groups.includes(none)) groups.push(none)
  } else if (!groups.includes(all) && !groups.includes(none)) groups.push(all)
  return {
    name: account === undefined ? name : accountUserName(account.namespace, account.name),
    groups,
    ...(uid !== '' && { uid }),
    ...(parts.extra.length > 0 && { extra: collected(parts.extra) }),
  }
}

const authentication = { group: 'authentication.k8s.io', version: 'v1' }

type About = Pick<ResourceRequest, 'resource' | 'subresource' | 'namespace'> & {
  readonly name: string
  readonly group?: string
  readonly version?: string
}

function check(user: User, authorizers: readonly Authorizer[], about: About): void {
  const verb = 'impersonate' as RequestVerb // a word of its own, which authorizers only compare
  const attributes = { user, info: { type: 'resource', verb, group: '', version: 'v1', ...about } as const }
  const decision = decide(authorizers, attributes)
  if (decision.type !== 'allow') throw forbidden(attributes, decision.reason ?? '')
}

type Extra = { readonly key: string; readonly value: string }

function partsIn(headers: ApiRequest['headers']) {
  const valuesOf = (name: string): readonly string[] => headers[name]?.split(betweenValues).map(unicode) ?? []
  const [name = ''] = valuesOf(`${prefix}user`)
  const groups = valuesOf(`${prefix}group`)
  const [uid = ''] = valuesOf(`${prefix}uid`)
  const extra: readonly Extra[] = Object.keys(headers)
    .filter((header) => header.startsWith(extraPrefix))
    .flatMap((header) => valuesOf(header).map((value) => ({ key: unescaped(header.slice(extraPrefix.length)), value })))
  return {
    ...{ name, groups, uid, extra },
    /** As Go prints them. */
    references: () => [
      ...groups.map((group) => `{Group  ${group}    }`),
      ...extra.map(({ key, value }) => `{UserExtra  ${value}  authentication.k8s.io/v1  ${key}}`),
      ...(uid === '' ? [] : [`{UID  ${uid}  authentication.k8s.io/v1  }`]),
    ],
  }
}

/** Header names have no slashes; what is not escaped well is meant as it stands. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** Go sends UTF-8, of which HTTP knows nothing: it comes as one character a byte. */
function unicode(value: string): string {
  const text = Buffer.from(value, 'latin1').toString()
  return Buffer.from(text).toString('latin1') === value ? text : value
}

function collected(extra: readonly Extra[]): Readonly<Record<string, readonly string[]>> {
  const byKey = new Map<string, string[]>()
  for (const { key, value } of extra) byKey.set(key, [...(byKey.get(key) ?? []), value])
  return Object.fromEntries(byKey)
}
