/** What a token says of its own time. */
export type Bearer = { readonly token: string; readonly issuedAt: number; readonly expiresAt: number }

/** Undefined for what is no token with a time. Nobody here checks who signed it: it came from the hub, or from where only we write. */
export function bearerOf(token: string): Bearer | undefined {
  const [, body = ''] = token.split('.')
  try {
    const { iat, exp } = JSON.parse(Buffer.from(body, 'base64url').toString()) as { readonly iat?: unknown; readonly exp?: unknown }
    if (typeof iat !== 'number' || typeof exp !== 'number') return undefined
    return { token, issuedAt: iat * 1000, expiresAt: exp * 1000 }
  } catch {
    return undefined
  }
}

const dayMs = 24 * 3600 * 1000

/** When another is fetched: at four fifths of the time that was asked for, which may be less than it is good for, and after a day at the latest. */
export const dueAt = ({ issuedAt, expiresAt }: Bearer, askedSeconds: number): number =>
  issuedAt + Math.min(dayMs, 0.8 * Math.min(askedSeconds * 1000, expiresAt - issuedAt))
