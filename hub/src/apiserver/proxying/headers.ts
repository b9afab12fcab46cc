import type { IncomingHttpHeaders } from 'node:http'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'

/** What one connection says to the next one (RFC 9110, 7.6.1). Whether another protocol is spoken from here on is said anew. */
const ofConnection = [
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings', 'expect'],
  ...['content-length', 'proxy-authorization', 'proxy-authenticate'],
]
/** What makes a caller known to the hub is for the hub alone. What is compressed could not be looked into. */
const notCarried = new Set([...ofConnection, 'authorization', 'accept-encoding'])
const isOwn = (name: string, named: ReadonlySet<string>): boolean =>
  notCarried.has(name) || named.has(name) || name.startsWith(':') || name.startsWith('x-remote-') || name.startsWith('impersonate-')

export type Outwards = Pick<ApiRequest, 'headers' | 'uri'> & { readonly address?: string | undefined }

/** What is behind the proxy hears of a request: all of it but that, and where it came through. */
export function headersOutwards({ headers, uri = '', address }: Outwards): Readonly<Record<string, string>> {
  const named = namedIn(headers)
  const carried = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || isOwn(name, named) ? [] : [[name, value] as const],
  )
  const host = headers['host'] ?? headers[':authority'] ?? ''
  const by = [headers['x-forwarded-for'], address].filter((one) => one !== undefined && one !== '').join(', ')
  return {
    ...Object.fromEntries(carried),
    host,
    'x-forwarded-host': host,
    'x-forwarded-proto': 'https',
    'x-forwarded-uri': uri,
    ...(by !== '' && { 'x-forwarded-for': by }),
  }
}

/** Beside those each side may name more that are of its connection alone. */
const namedIn = ({ connection = '' }: { readonly connection?: string | undefined }): ReadonlySet<string> =>
  new Set(connection.toLowerCase().split(/[\s,]+/))

/** Whose pages may read what the hub answers is not for a pod to say (as Kubernetes' proxy). */
const ofOrigins = ['origin', 'headers', 'methods', 'credentials'].map((what) => `access-control-allow-${what}`)
const notGivenBack = new Set([
  ...ofConnection,
  ...ofOrigins,
  'content-type',
  'set-cookie',
  'audit-id',
  'alt-svc',
  'strict-transport-security',
])

/** What it says of its answer beside its type, its length and its cookies. */
export function headersBack(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const named = namedIn(headers)
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || notGivenBack.has(name) || named.has(name) ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}
