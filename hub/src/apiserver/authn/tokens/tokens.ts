import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import { createHash } from 'node:crypto'
import { type Credential, type Read, refused, type TokenAuthenticator, type Verdict } from './authenticator.ts'

/** Who comes with a token, whatever kind of token it is. */
export type Tokens = {
  /** For whom a token must be that is shown to the API. */
  readonly audiences: readonly string[]
  /** `audiences`: whoever else it may be for, who asks in a TokenReview. */
  authenticate(token: string, audiences?: readonly string[]): Verdict | Promise<Verdict>
}

export type TokensDeps = { readonly authenticators: readonly TokenAuthenticator[]; readonly audiences: readonly string[] }

/** Twice the largest that names every audience there is; a header has more room. */
const mostBytes = 16 * 1024
/** About 2 KiB each, and only of those whose signature is good. */
const mostKept = 2048

/**
 * Asks each kind of token in turn; the first that knows it decides. What was read once is kept under its hash, so that a token costs its
 * signature once; whether it is still good is asked of the store and the clock at every use all the same.
 */
export function createTokens({ authenticators, audiences: own }: TokensDeps): Tokens {
  const kept = new LatestMap<string, Credential>({ count: mostKept })
  const judge = (hash: string, read: Read | undefined, audiences: readonly string[]): Verdict => {
    if (read === undefined) return nobodys
    if (read.type === 'refused') return read
    const verdict = read.credential(audiences)
    if (read.isKept && verdict.type === 'known') kept.set(hash, read.credential)
    return verdict
  }
  const readBy = (token: string, from: number): ReturnType<TokenAuthenticator['read']> => {
    for (const [index, authenticator] of authenticators.entries()) {
      if (index < from) continue
      const read = authenticator.read(token)
      if (read instanceof Promise) return read.then((found) => found ?? readBy(token, index + 1))
      if (read !== undefined) return read
    }
    return undefined
  }
  return {
    audiences: own,
    authenticate(token, audiences = own) {
      if (token.length > mostBytes) return nobodys
      const hash = createHash('sha256').update(token).digest('base64')
      const known = kept.get(hash)
      if (known !== undefined) return known(audiences)
      const read = readBy(token, 0)
      return read instanceof Promise ? read.then((found) => judge(hash, found, audiences)) : judge(hash, read, audiences)
    },
  }
}

const nobodys = refused('invalid bearer token')

/** The token in an `Authorization` header; undefined when it holds none. */
export function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const [scheme = '', token = ''] = header.trim().split(' ', 3)
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined
}
