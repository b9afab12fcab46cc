import type { User } from '@bramble/shared/api/api-request.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { type Secret, secrets } from '@bramble/shared/kinds/secret.ts'
import { createHash, timingSafeEqual } from 'node:crypto'
import { joinTokenName, joinTokenNamespace, joinTokenType } from '../../../client/join-token.ts'
import type { Registry } from '../../objects/registry.ts'
import { bothIn, forOthers } from './audiences.ts'
import { refused, type TokenAuthenticator } from './authenticator.ts'

const group = 'system:bootstrappers'
const extraGroup = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/

export type BootstrapTokensDeps = { readonly registry: Registry; readonly audiences: readonly string[]; readonly clock: Clock }

/**
 * Kubernetes' bootstrap tokens, for what sets up nodes of its own kind: a Secret says the token, its groups and until when it is good. Those of
 * `bramble token create` are for joining alone: of their secret there is only a hash, and a board needs no user before it has its certificate.
 */
export const createBootstrapTokens = ({ registry, audiences: own, clock }: BootstrapTokensDeps): TokenAuthenticator => ({
  name: 'bootstrap-tokens',
  read(token) {
    const [, id, secret] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token) ?? []
    if (id === undefined || secret === undefined) return undefined
    const user = userOf(find(registry, id), { id, secret, now: clock.now() })
    if (user === undefined) return undefined
    const credential = (asked: readonly string[]) => {
      const audiences = bothIn(own, asked)
      return audiences.length === 0 ? refused(forOthers(own, asked)) : ({ type: 'known', user, audiences } as const)
    }
    return { type: 'credential', credential, isKept: false }
  },
})

function find(registry: Registry, id: string): Secret | undefined {
  const entry = registry.find(secrets, joinTokenNamespace, joinTokenName(id))
  return entry === undefined ? undefined : registry.objectOf(secrets, entry)
}

type Shown = { readonly id: string; readonly secret: string; readonly now: number }

function userOf(found: Secret | undefined, { id, secret, now }: Shown): User | undefined {
  const said = (key: string) => Buffer.from(found?.data?.[key] ?? '', 'base64').toString()
  // Compared also when there is none, so that the time it takes tells nothing.
  if (!timingSafeEqual(hashOf(said('token-secret')), hashOf(secret)) || found?.type !== joinTokenType) return undefined
  if (found.metadata.deletionTimestamp !== undefined || said('token-id') !== id) return undefined
  if (said('usage-bootstrap-authentication') !== 'true' || isOver(said('expiration'), now)) return undefined
  const text = said('auth-extra-groups')
  const extra = text === '' ? [] : text.split(',')
  if (!extra.every((each) => extraGroup.test(each))) return undefined
  return { name: `system:bootstrap:${id}`, groups: [...[...new Set([group, ...extra])].sort(), 'system:authenticated'] }
}

/** What cannot be read as a time is over. */
const isOver = (expiration: string, now: number): boolean => expiration !== '' && !(Date.parse(expiration) > now)

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()
