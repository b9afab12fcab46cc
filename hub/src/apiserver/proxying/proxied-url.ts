import { noSuchResource } from '@bramble/shared/api/api-error.ts'

/** A URL through the proxy, as it came: encoded, because what is behind reads the encoding as it likes. */
export type ProxiedUrl = {
  /** Of the proxy itself: what is behind it has its `/` here. */
  readonly at: string
  /** What comes after that, from its `/` on; empty where there is not even that. */
  readonly below: string
  /** With its question mark, if there is one. */
  readonly query: string
}

const throughProxy = /^(\/api\/v1\/(?:namespaces\/[^/?]+\/)?(?:pods|services|nodes)\/[^/?]+\/proxy)(\/[^?]*)?(\?.*)?$/

/** Whether a URL goes through the proxy, as far as that is to be seen from it: its body is then not the hub's to read. */
export const isThroughProxy = (uri: string): boolean => throughProxy.test(uri)

/** `path`: what was asked where no URL came along, as over the loopback. */
export function proxiedUrl({
  uri,
  path,
  query,
}: {
  readonly uri?: string
  readonly path: string
  readonly query: URLSearchParams
}): ProxiedUrl {
  const asked = query.toString()
  const match = throughProxy.exec(uri ?? `${encodeURI(path)}${asked === '' ? '' : `?${asked}`}`)
  if (match === null) throw noSuchResource()
  const [, at = '', below = '', said = ''] = match
  return { at, below, query: said }
}
