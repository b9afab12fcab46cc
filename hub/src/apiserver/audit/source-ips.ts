import { isIP } from 'node:net'

type Headers = Readonly<Record<string, string | undefined>>

/** More is nothing that proxies have written. */
const mostForwarded = 16

/**
 * Where a request comes from, nearest last (`sourceIPs` of an audit Event): what proxies say, which anybody may say, and then the address of the
 * connection, which nobody can make up.
 */
export function sourceIps(headers: Headers, address: string | undefined): readonly string[] {
  const forwarded = headers['x-forwarded-for']
  const real = headers['x-real-ip']
  const own = address === undefined ? undefined : plainIp(address)
  if (forwarded === undefined && real === undefined) return own === undefined ? [] : [own]
  const found = (forwarded ?? '').split(',', mostForwarded).flatMap((part) => plainIp(part.trim()) ?? [])
  const near = plainIp((real ?? '').trim())
  if (near !== undefined && !found.includes(near)) found.push(near)
  if (own !== undefined && found.at(-1) !== own) found.push(own)
  return found
}

/** Of IPv4 that came over IPv6 the IPv4 part; undefined of what is no address. */
function plainIp(text: string): string | undefined {
  const plain = text.toLowerCase().startsWith('::ffff:') && isIP(text.slice(7)) === 4 ? text.slice(7) : text
  const [bare = ''] = plain.split('%', 1)
  return isIP(bare) === 0 ? undefined : bare
}
