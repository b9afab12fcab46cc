import { isObject } from '@bramble/shared/json/is-object.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { type Algorithm, algorithmsOf, type VerifyingKey } from '../tokens/algorithms.ts'
import type { FetchJson } from './fetch-json.ts'

/** The keys of an issuer, fetched where it says they are. */
export type IssuerKeys = {
  /** Those of an id, or all. A promise only while they are fetched for want of it; undefined when there are none at all. */
  named(id: string | undefined): readonly VerifyingKey[] | undefined | Promise<readonly VerifyingKey[] | undefined>
  /** Whether its issuer still publishes it, as far as is known. */
  isCurrent(key: VerifyingKey): boolean
}

/** Whoever comes with an unknown key makes the hub ask, so it asks no oftener. */
const pauseMs = 10_000
/** What an issuer has taken away is good no longer than this, unless it does not answer: then its people are not locked out. */
const freshMs = 3_600_000
const mostKeys = 100

type Deps = {
  readonly issuerUrl: string
  readonly signingAlgs: readonly Algorithm[]
  readonly fetchJson: FetchJson
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Log
}

export function createIssuerKeys({ issuerUrl, signingAlgs, fetchJson, clock, log }: Deps): IssuerKeys {
  let keys: readonly VerifyingKey[] | undefined
  let fetchedAt = -Infinity
  let askedAt = -Infinity
  let asking: Promise<void> | undefined
  let isDown = false

  const fetchAll = async (): Promise<void> => {
    try {
      const document = await fetchJson(`${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`)
      const { issuer, jwks_uri: uri } = isObject(document) ? document : {}
      if (issuer !== issuerUrl) throw new Error(`it calls itself ${JSON.stringify(issuer)}`)
      if (typeof uri !== 'string') throw new Error('it does not say where its keys are (jwks_uri)')
      keys = keysIn(await fetchJson(uri), signingAlgs, keys)
      fetchedAt = clock.monotonic()
      if (isDown) log.info({ issuer: issuerUrl }, 'the issuer of tokens answers again')
      isDown = false
    } catch (error) {
      if (!isDown) log.warn({ issuer: issuerUrl, error: messageOf(error) }, 'the issuer of tokens cannot be asked for its keys')
      isDown = true
    } finally {
      asking = undefined
    }
  }
  const ask = (): Promise<void> | undefined => {
    if (asking === undefined && clock.monotonic() - askedAt >= pauseMs) {
      askedAt = clock.monotonic()
      asking = fetchAll()
    }
    return asking
  }
  const found = (id: string | undefined) => (id === undefined ? keys : keys?.filter((each) => each.id === id))

  void ask()
  return {
    named(id) {
      const known = found(id)
      if (known !== undefined && known.length > 0) {
        if (clock.monotonic() - fetchedAt > freshMs) void ask()
        return known
      }
      return ask()?.then(() => found(id)) ?? known
    },
    isCurrent: (key) => keys?.includes(key) === true,
  }
}

/** Those that sign, with the algorithms that are wanted; one that is there already stays the same. */
function keysIn(document: unknown, wanted: readonly Algorithm[], before: readonly VerifyingKey[] = []): readonly VerifyingKey[] {
  const given: unknown = isObject(document) ? document['keys'] : undefined
  if (!Array.isArray(given)) throw new Error('its keys are no JSON Web Key Set')
  return given.slice(0, mostKeys).flatMap((jwk: unknown): readonly VerifyingKey[] => {
    if (!isObject(jwk) || (jwk['use'] ?? 'sig') !== 'sig' || (jwk['kty'] !== 'RSA' && jwk['kty'] !== 'EC')) return []
    const id = typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined
    try {
      const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
      const algorithms = algorithmsOf(key).filter((each) => wanted.includes(each) && (jwk['alg'] ?? each) === each)
      if (algorithms.length === 0) return []
      return [before.find((known) => known.id === id && known.key.equals(key)) ?? { id, algorithms, key }]
    } catch {
      return [] // one that nobody can read; the others are good all the same
    }
  })
}
