import { createHash } from 'node:crypto'
import { rootCertificates } from 'node:tls'

/** How objects name somebody else's server: what webhooks, conversions and APIServices have in common. */
export type ClientConfig = {
  readonly url?: string | undefined
  readonly service?:
    | {
        readonly namespace?: string | undefined
        readonly name?: string | undefined
        readonly path?: string | undefined
        readonly port?: number | undefined
      }
    | undefined
  /** PEM, as bytes stand in an object. Without it: the authorities that everybody trusts. */
  readonly caBundle?: string | undefined
  readonly insecureSkipTLSVerify?: boolean | undefined
}

/** Whom to connect to, and who that has to be. */
export type Target = {
  /** What connections to it may be used again for: everything that decides about trust is in it. */
  readonly key: string
  readonly at: { readonly type: 'host'; readonly host: string; readonly port: number } | ({ readonly type: 'service' } & ServicePort)
  /** As in the URL of errors and of the Host header. */
  readonly authority: string
  readonly serverName: string
  /** What the config says beside the server itself. */
  readonly path: string
  readonly query: string
  readonly trust: { readonly type: 'any' } | { readonly type: 'roots'; readonly pem: string | undefined }
}
export type ServicePort = { readonly namespace: string; readonly name: string; readonly port: number }

/** Throws for what names no server. */
export function targetOf({ url, service, caBundle = '', insecureSkipTLSVerify = false }: ClientConfig): Target {
  const pem = caBundle === '' ? undefined : pemOf(caBundle)
  const trust: Target['trust'] = insecureSkipTLSVerify ? { type: 'any' } : { type: 'roots', pem }
  const trustKey = insecureSkipTLSVerify ? 'any' : createHash('sha256').update(caBundle).digest('base64')
  if (service !== undefined) {
    const { namespace = '', name = '', path = '', port = 443 } = service
    const serverName = `${name}.${namespace}.svc`
    return {
      key: `${serverName}:${port} ${trustKey}`,
      at: { type: 'service', namespace, name, port },
      authority: `${serverName}:${port}`,
      ...{ serverName, path: path === '' ? '/' : path, query: '', trust },
    }
  }
  const parsed = urlOf(url ?? '')
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = parsed.port === '' ? 443 : Number(parsed.port)
  return {
    key: `${host}:${port} ${trustKey}`,
    at: { type: 'host', host, port },
    authority: parsed.host,
    ...{ serverName: host, path: parsed.pathname, query: parsed.search.slice(1), trust },
  }
}

function urlOf(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch (cause) {
    throw new Error(`${JSON.stringify(text)} is no URL`, { cause })
  }
  if (url.protocol !== 'https:') throw new Error(`${JSON.stringify(text)} is not https`)
  if (url.username !== '' || url.password !== '') throw new Error('a URL with a user in it is not asked')
  return url
}

/** Node leaves out what it cannot read, and would then trust nobody without a word of why. */
function pemOf(base64: string): string {
  const pem = Buffer.from(base64, 'base64').toString('latin1')
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('unable to load root certificates: unable to parse bytes as PEM block')
  return pem
}

export const rootsOf = (pem: string | undefined): string | string[] => pem ?? [...rootCertificates]
