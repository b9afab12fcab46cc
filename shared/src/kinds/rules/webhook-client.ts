import { type FieldError, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkDnsSubdomain, checkPortNumber } from '../../meta/names.ts'

export type WebhookClient = {
  readonly url?: string | undefined
  readonly service?:
    | { readonly namespace: string; readonly name: string; readonly path?: string | undefined; readonly port?: number | undefined }
    | undefined
  readonly caBundle?: string | undefined
}

/** Where a webhook is: at an address, or behind a Service of this cluster. */
export function webhookErrors(field: string, { url, service, caBundle }: WebhookClient): readonly FieldError[] {
  return [
    ...((url === undefined) === (service === undefined) ? [fieldRequired(field, 'exactly one of url or service is required')] : []),
    ...(url === undefined || service !== undefined ? [] : urlErrors(`${field}.url`, url)),
    ...(service === undefined || url !== undefined ? [] : serviceErrors(`${field}.service`, service)),
    ...(caBundle === undefined || caBundle === '' || hasCertificate(caBundle)
      ? []
      : [fieldInvalid(`${field}.caBundle`, caBundle, 'unable to load root certificates: unable to parse bytes as PEM block')]),
  ]
}

const hasCertificate = (base64: string): boolean => Buffer.from(base64, 'base64').toString('latin1').includes('-----BEGIN CERTIFICATE-----')

function urlErrors(field: string, text: string): readonly FieldError[] {
  const form = '; desired format: https://host[/path]'
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return [fieldRequired(field, `url must be a valid URL: it cannot be read${form}`)]
  }
  const wrong = (value: string, why: string) => fieldInvalid(field, value, why)
  return [
    ...(url.protocol === 'https:' ? [] : [wrong(url.protocol.slice(0, -1), `'https' is the only allowed URL scheme${form}`)]),
    ...(url.host === '' ? [wrong('', `host must be specified${form}`)] : []),
    ...(url.username === '' && url.password === '' ? [] : [wrong(url.username, 'user information is not permitted in the URL')]),
    ...(url.hash === '' ? [] : [wrong(url.hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(url.search === '' ? [] : [wrong(url.search.slice(1), 'query parameters are not permitted in the URL')]),
  ]
}

function serviceErrors(field: string, { name, namespace, path, port = 443 }: NonNullable<WebhookClient['service']>): readonly FieldError[] {
  return [
    ...(name === '' ? [fieldRequired(`${field}.name`, 'service name is required')] : []),
    ...(namespace === '' ? [fieldRequired(`${field}.namespace`, 'service namespace is required')] : []),
    ...checkPortNumber(port).map(() => fieldInvalid(`${field}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive')),
    ...(path === undefined ? [] : pathErrors(`${field}.path`, path)),
  ]
}

function pathErrors(field: string, path: string): readonly FieldError[] {
  const wrong = (why: string) => fieldInvalid(field, path, why)
  if (path === '') return []
  if (path === '/') return []
  if (path.includes('//')) return [wrong(`segment[${path.slice(1).split('/').indexOf('')}] may not be empty`)]
  if (!path.startsWith('/')) return [wrong(`must start with a '/'`)]
  return path
    .replace(/\/$/, '')
    .slice(1)
    .split('/')
    .flatMap((step, index) => checkDnsSubdomain(step).map((complaint) => wrong(`segment[${index}]: ${complaint}`)))
}
