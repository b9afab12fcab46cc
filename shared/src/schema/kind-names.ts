import { checkDns1035Label, checkDnsSubdomain } from '../meta/names.ts'
import { apiVersionOf } from './api-version.ts'

type Names = {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly resource: string
  readonly namespaced: boolean
}

/** Where the store keeps the core group, who has what only one may have, and what the hub counts of itself. */
const groupsOfTheStore: readonly string[] = ['core', 'claims', 'internal']

/** Read as parts of their namespace wherever they stand in a path. */
const partsOfNamespaces: readonly string[] = ['status', 'finalize']

/**
 * Throws if a kind cannot have its names. They become paths, keys of the store and text of answers as they are, so nothing in
 * them may mean anything there, and no kind may reach what is stored of another.
 */
export function checkNames({ group, version, kind, resource, namespaced }: Names): void {
  const refuse = (what: string, why: string) => {
    throw new Error(`${resource} in ${apiVersionOf({ group, version })}: its ${what} ${why}`)
  }
  const check = (what: string, complaints: readonly string[]) => complaints.forEach((complaint) => refuse(what, complaint))
  if (group !== '') check('group', checkDnsSubdomain(group))
  check('version', checkDns1035Label(version))
  check('resource', checkDns1035Label(resource))
  check('kind', checkDns1035Label(kind.toLowerCase()))
  if (groupsOfTheStore.includes(group)) refuse('group', 'is a name under which the hub itself stores')
  if (namespaced && partsOfNamespaces.includes(resource)) refuse('resource', 'is the name of a part of every namespace')
}
