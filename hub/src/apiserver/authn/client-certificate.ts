import type { Account, User } from '@bramble/shared/api/api-request.ts'
import type { PeerCertificate } from 'node:tls'
import { isHubPart } from '../authz/hub-parts.ts'
import { isNode } from '../authz/node-user.ts'

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

export const isAnonymous = ({ groups }: User): boolean => !groups.includes('system:authenticated')

/** The user that a verified client certificate names: CN is the name, each O a group. Undefined when it names nobody, or a part of the hub. */
export function userOfCertificate({ subject, fingerprint256 }: Pick<PeerCertificate, 'subject' | 'fingerprint256'>): User | undefined {
  const { CN: name, O: organizations } = subject as { CN?: string | string[]; O?: string | string[] } // several O become an array
  if (typeof name !== 'string' || name === '' || name === anonymous.name || isHubPart(name)) return undefined
  const groups = organizations === undefined ? [] : typeof organizations === 'string' ? [organizations] : organizations
  // As Kubernetes tells which of somebody's certificates it was.
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint256.replaceAll(':', '').toLowerCase()}`] }
  return { name, groups: [...groups, 'system:authenticated'], extra }
}

/**
 * Whose limits hold for who shows a certificate. A node that is also in the administrators' group is a node. Of an administrator's, which a
 * household may share among its programs, each program has its own: a dashboard that runs away holds up no kubectl. Nobody else is taken
 * at his word, because with each name more he would have as much again.
 */
export function accountOf(user: User, agent = ''): Account {
  const { name, groups } = user
  if (isNode(user)) return { of: 'nodes', name }
  if (!groups.includes('system:masters')) return { of: 'others', name }
  const program = /^[-.\w]{1,32}/.exec(agent)?.[0]
  return { of: 'administrators', name: program === undefined ? name : `${name} (${program})` }
}
