import { timingSafeEqual } from 'node:crypto'
import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { secrets, type Secret } from '@bramble/shared/kinds/secret.ts'
import { saysNothing } from '../authority/validity.ts'
import {
  createTokenSecret,
  joinSecretHash,
  joinTokenName,
  joinTokenNamespace,
  joinTokenType,
  parseJoinToken,
} from '../../client/join-token.ts'

export type TokensDeps = { readonly client: Client; readonly clock: Clock; readonly caHash: string }
export type TokenFacts = {
  readonly id: string
  readonly made: Date | undefined
  readonly expires: Date | undefined
  readonly usesLeft: number | undefined
}

/** The tokens with which new nodes join. They are Secrets, so that they can be made, seen and revoked with kubectl as well. */
export type Tokens = {
  create(options: { readonly ttlMs: number; readonly uses?: number }): Promise<string>
  /** Throws `Unauthorized`, saying what to do, for anything but a good token. */
  verify(text: string): Promise<TokenFacts>
  /** Uses up one of a token's uses; a token without a number of uses is untouched. Throws `Unauthorized` when somebody was faster. */
  use(id: string): Promise<void>
  list(): Promise<readonly TokenFacts[]>
  removeExpired(): Promise<void>
  revoke(id: string): Promise<void>
}

const howToGetOne = 'make a new one with `bramble token create` on the hub'
/** As many as may ask at once: each turn that fails means that another got through. */
const attempts = 64

export function createTokens({ client, clock, caHash }: TokensDeps): Tokens {
  const keyOf = (id: string) => ({ name: joinTokenName(id), namespace: joinTokenNamespace })

  const find = async (id: string): Promise<Secret | undefined> => {
    try {
      return await client.get(secrets, keyOf(id))
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined
      throw error
    }
  }

  /** As it was read; throws when it has changed or gone since. */
  const remove = ({ metadata: { name, namespace, uid, resourceVersion } }: Secret): Promise<void> =>
    client.delete(
      secrets,
      { name, ...(namespace !== undefined && { namespace }) },
      { preconditions: { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) } },
    )

  const listSecrets = async (): Promise<readonly Secret[]> =>
    (await client.list(secrets, { namespace: joinTokenNamespace })).items.filter(({ type }) => type === joinTokenType)

  const removeExpired = async (): Promise<void> => {
    for (const token of await listSecrets()) if (isExpired(factsOf(token), clock.now())) await remove(token).catch(unlessFaster)
  }

  return {
    removeExpired,

    async create(options) {
      await removeExpired()
      return createTokenSecret({ client, caHash, now: clock.now(), ...options })
    },

    async verify(text) {
      const token = parseJoinToken(text)
      if (token === undefined)
        throw unauthorized(`the join token is malformed: expected <6 characters>.<16 characters>.<64 hex digits>; ${howToGetOne}`)
      if (token.caHash !== undefined && token.caHash !== caHash)
        throw unauthorized(`the join token is for another hub, whose CA is ${token.caHash}; ${howToGetOne}`)
      const found = await find(token.id)
      const isRight = timingSafeEqual(joinSecretHash(token.secret), hashOf(found))
      if (found === undefined || !isRight) throw unauthorized(`the join token ${token.id} is unknown or was revoked: ${howToGetOne}`)
      const usage = decode(found.data?.['usage-bootstrap-authentication'])
      if (usage !== undefined && usage !== 'true')
        throw unauthorized(`the join token ${token.id} is not for joining (usage-bootstrap-authentication is not "true"): ${howToGetOne}`)
      const facts = factsOf(found)
      if (isExpired(facts, clock.now()))
        throw unauthorized(`the join token ${token.id} expired at ${facts.expires?.toISOString()}: ${howToGetOne}`)
      if (isFromTheFuture(facts, clock.now()))
        throw unauthorized(
          `the join token ${token.id} was made at ${facts.made?.toISOString()}, which is yet to come by the clock of the hub: set that right if it is wrong; else ${howToGetOne}`,
        )
      if (facts.usesLeft === 0) throw usedUp(token.id)
      return facts
    },

    async use(id) {
      for (let attempt = 1; ; attempt++) {
        const found = await find(id)
        const left = found === undefined ? 0 : factsOf(found).usesLeft
        if (left === undefined) return
        if (found === undefined || left === 0) throw usedUp(id)
        try {
          if (left === 1) await remove(found)
          else await client.update(secrets, { ...found, data: { ...found.data, 'uses-left': encode(String(left - 1)) } })
          return
        } catch (error) {
          if (attempt === attempts) throw error
          unlessFaster(error)
        }
      }
    },

    list: async () => (await listSecrets()).map(factsOf),

    async revoke(id) {
      await client.delete(secrets, keyOf(id))
    },
  }
}

function factsOf({ metadata, data = {} }: Secret): TokenFacts {
  const expiration = decode(data['expiration'])
  const uses = decode(data['uses-left'])
  return {
    id: decode(data['token-id']) ?? metadata.name.slice(joinTokenName('').length),
    made: metadata.creationTimestamp === undefined ? undefined : new Date(metadata.creationTimestamp),
    // An unreadable date counts as over: it must not make a token good for ever.
    expires: expiration === undefined ? undefined : new Date(Date.parse(expiration) || 0),
    usesLeft: uses === undefined ? undefined : Math.max(0, Math.floor(Number(uses)) || 0),
  }
}

/** Somebody else changed or removed it in the meantime: look again, or leave it at that. */
function unlessFaster(error: unknown): void {
  if (!isApiError(error, 'Conflict') && !isApiError(error, 'NotFound')) throw error
}

// A hub without a battery starts with the time at which it was switched off; tokens of that day are good.
const aheadMs = 24 * 3_600_000

/** Made while the clock of the hub ran ahead, so that nobody knows when its time is over. It may be the clock of now that is wrong: it is refused and kept. */
const isFromTheFuture = ({ made }: TokenFacts, now: number) => !saysNothing(now) && made !== undefined && made.getTime() > now + aheadMs

const isExpired = ({ expires }: TokenFacts, now: number) => expires !== undefined && expires.getTime() <= now

/** Ours carry a hash; one made as for Kubernetes carries the secret. An unknown token is compared all the same, so that time tells nothing. */
function hashOf(secret: Secret | undefined): Buffer {
  const hash = decode(secret?.data?.['token-hash'])
  if (hash !== undefined && /^[0-9a-f]{64}$/.test(hash)) return Buffer.from(hash, 'hex')
  const plain = decode(secret?.data?.['token-secret'])
  return plain === undefined || secret?.type !== joinTokenType ? Buffer.alloc(32) : joinSecretHash(plain)
}

const decode = (text: string | undefined) => (text === undefined ? undefined : Buffer.from(text, 'base64').toString())
const encode = (text: string) => Buffer.from(text).toString('base64')
const unauthorized = (message: string) => new ApiError('Unauthorized', message)
const usedUp = (id: string) => unauthorized(`the join token ${id} has been used as often as it may: ${howToGetOne}`)
