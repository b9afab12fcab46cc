import type { ApiRequest } from '@bramble/shared/api/api-request.ts'

const prefix = 'base64url.bearer.authorization.k8s.io.'

/** What the head of a request shows among the protocols that it offers for a WebSocket. */
export type Shown =
  | { readonly type: 'nothing' }
  | { readonly type: 'token'; readonly token: string }
  /** It is meant as a token and is none that anybody could be known by. */
  | { readonly type: 'refused'; readonly why: string }

/**
 * The token that a page in a browser shows, where a WebSocket is asked for and no header can be set: base64url without padding, as one protocol among others
 * (Kubernetes 1.7, "Websocket requests may now authenticate"). Nobody ever agrees on that one, so another has to be offered beside it.
 */
export function shownAmongProtocols(headers: ApiRequest['headers']): Shown {
  const offered = headers['sec-websocket-protocol']
  if (offered?.includes(prefix) !== true || !asksForWebSocket(headers)) return { type: 'nothing' }
  const names = named(offered)
  const shown = names.filter((name) => name.startsWith(prefix))
  if (shown.length > 1) return refused('several bearer tokens among the protocols of one WebSocket')
  if (shown.length === names.length) return refused('missing additional subprotocol: a bearer token is not spoken')
  const token = decoded(shown[0]?.slice(prefix.length) ?? '')
  return token === undefined ? refused('invalid bearer token') : { type: 'token', token }
}

/** The same without tokens: what is agreed on, and what is behind a proxy, has never seen one. */
export function withoutTokens(headers: ApiRequest['headers']): ApiRequest['headers'] {
  const offered = headers['sec-websocket-protocol']
  if (offered?.includes(prefix) !== true) return headers
  const { 'sec-websocket-protocol': _, ...others } = headers
  const left = named(offered).filter((name) => !name.startsWith(prefix))
  return left.length === 0 ? others : { ...others, 'sec-websocket-protocol': left.join(', ') }
}

const asksForWebSocket = ({ upgrade = '', connection = '' }: ApiRequest['headers']): boolean =>
  upgrade.toLowerCase() === 'websocket' && /\bupgrade\b/i.test(connection)

const named = (offered: string): readonly string[] =>
  offered
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

const refused = (why: string): Shown => ({ type: 'refused', why })

function decoded(encoded: string): string | undefined {
  if (!/^[\w-]+$/.test(encoded)) return undefined
  const token = Buffer.from(encoded, 'base64url')
  const text = token.toString()
  // What is no UTF-8 is no token; nor what does not come back as it was said.
  return token.toString('base64url') === encoded && Buffer.from(text).equals(token) && text !== '' ? text : undefined
}
