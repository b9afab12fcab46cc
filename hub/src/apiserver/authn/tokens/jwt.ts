import { isObject } from '@bramble/shared/json/is-object.ts'

/** A token of RFC 7519 in its compact form. Nothing in it is true before its signature is. */
export type Jwt = {
  readonly alg: string
  readonly keyId: string | undefined
  readonly claims: Readonly<Record<string, unknown>>
  /** What is signed, as it stands there. */
  readonly signed: string
  readonly signature: Buffer
}

/** Undefined for what is none, and for what says that there is more to it than we understand (`crit`). */
export function parseJwt(token: string): Jwt | undefined {
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  if (more.length > 0 || ![header, payload, signature].every((part) => base64url.test(part))) return undefined
  const head = objectIn(header)
  const claims = objectIn(payload)
  if (head === undefined || claims === undefined) return undefined
  const { alg, kid, crit } = head
  if (typeof alg !== 'string' || crit !== undefined || (kid !== undefined && typeof kid !== 'string')) return undefined
  return {
    alg,
    keyId: kid === '' ? undefined : kid,
    claims,
    signed: token.slice(0, header.length + 1 + payload.length),
    signature: Buffer.from(signature, 'base64url'),
  }
}

const base64url = /^[-\w]+$/

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
