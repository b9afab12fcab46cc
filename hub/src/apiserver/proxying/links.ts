import type { ProxiedUrl } from './proxied-url.ts'

/**
 * Where a link leads that what is behind a proxy has written for its own root: below the proxy, unless it leads to another host or says no root
 * (Kubernetes: `Transport.rewriteURL`). What cannot be read stays as it is.
 */
export function linkThrough({ at }: Pick<ProxiedUrl, 'at'>, host: string, link: string): string {
  const [, scheme, authority, rest = ''] = /^(?:([a-z][a-z0-9+.-]*:)?\/\/([^/?#]*))?(.*)$/is.exec(link) ?? []
  const isHere = authority === undefined || authority === host
  const isPage = scheme === undefined || /^https?:$/i.test(scheme)
  if (!isHere || !isPage || !rest.startsWith('/') || rest === at || rest.startsWith(`${at}/`)) return link
  return `${scheme ?? ''}${authority === undefined ? '' : `//${authority}`}${at}${rest}`
}
