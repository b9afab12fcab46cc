import type { User } from '@bramble/shared/api-request.ts'
import type { PeerCertificate } from 'node:tls'

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

export const isAnonymous = ({ groups }: User): boolean => !groups.includes('system:authenticated')

/** The names of the hub's own parts, which no budget holds back: they are spoken inside the hub, and no certificate has them. */
const isHubPart = (name: string) => /^system:(kube-|bramble:|anonymous$)/.test(name)

/** The user that a verified client certificate names: CN is the name, each O a group. Undefined when it names nobody, or a part of the hub. */
export function userOfCertificate({ subject }: Pick<PeerCertificate, 'subject'>): User | undefined {
  const { CN: name, O: organizations } = subject as { CN?: string | string[]; O?: string | string[] } // several O become an array
  if (typeof name !== 'string' || name === '' || isHubPart(name)) return undefined
  const groups = organizations === undefined ? [] : typeof organizations === 'string' ? [organizations] : organizations
  return { name, groups: [...groups, 'system:authenticated'] }
}
