import { type FieldError, fieldDuplicate, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import type { KubeObject } from '../../api/client.ts'
import { isSameJson } from '../../json/same-json.ts'
import { checkDns1035Label, checkDnsSubdomain, checkPortNumber } from '../../meta/names.ts'
import type { Column } from '../../schema/kind.ts'
import type { MutatingWebhook, ServiceReference, ValidatingWebhook, WebhookClientConfig } from '../../types/webhook.ts'
import { validateMatchConditions, validateRule } from './admission-matching.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { checked, duplicatesOf } from './field-errors.ts'
import { validateLabelSelector } from './scheduling.ts'

export type Webhooks = KubeObject & { readonly webhooks?: readonly (ValidatingWebhook | MutatingWebhook)[] | undefined }

export const webhookColumns: readonly Column<Webhooks>[] = [
  nameColumn,
  { name: 'Webhooks', type: 'integer', description: 'How many webhooks it has.', cell: ({ webhooks = [] }) => webhooks.length },
  ageColumn,
]

export function validateWebhooks({ webhooks = [] }: Webhooks): FieldError[] {
  const repeated = new Set(duplicatesOf(webhooks.map(({ name }) => name)))
  return webhooks.flatMap((webhook, i) => [
    ...validateWebhook(webhook, `webhooks[${i}]`),
    ...validateReviewVersions(webhook.admissionReviewVersions, `webhooks[${i}].admissionReviewVersions`),
    ...(repeated.has(i) ? [fieldDuplicate(`webhooks[${i}].name`, webhook.name)] : []),
  ])
}

/** Of these kinds there is no spec: the generation is that of the webhooks. */
export function countWebhookGeneration(next: Webhooks, previous: Webhooks): void {
  const seen = previous.metadata.generation ?? 1
  next.metadata.generation = isSameJson(next.webhooks, previous.webhooks) ? seen : seen + 1
}

const validateWebhook = (webhook: ValidatingWebhook | MutatingWebhook, field: string): FieldError[] => [
  ...validateFullName(webhook.name, `${field}.name`),
  ...(webhook.rules ?? []).flatMap((rule, i) => validateRule(rule, `${field}.rules[${i}]`)),
  ...(webhook.sideEffects === undefined ? [fieldRequired(`${field}.sideEffects`, 'must specify one of None, NoneOnDryRun')] : []),
  ...(webhook.timeoutSeconds < 1 || webhook.timeoutSeconds > 30
    ? [fieldInvalid(`${field}.timeoutSeconds`, webhook.timeoutSeconds, 'the timeout value must be between 1 and 30 seconds')]
    : []),
  ...validateLabelSelector(webhook.namespaceSelector, `${field}.namespaceSelector`),
  ...validateLabelSelector(webhook.objectSelector, `${field}.objectSelector`),
  ...validateClientConfig(webhook.clientConfig, `${field}.clientConfig`),
  ...validateMatchConditions(webhook.matchConditions, `${field}.matchConditions`),
]

function validateFullName(name: string, field: string): FieldError[] {
  if (name === '') return [fieldRequired(field)]
  const complaints = checkDnsSubdomain(name)
  if (complaints.length > 0) return [fieldInvalid(field, name, complaints.join(','))]
  return name.split('.').length < 3 ? [fieldInvalid(field, name, 'should be a domain with at least three segments separated by dots')] : []
}

const known = ['v1', 'v1beta1']

function validateReviewVersions(versions: readonly string[], field: string): FieldError[] {
  if (versions.length === 0) return [fieldRequired(field, `must specify one of ${known.join(', ')}`)]
  const repeated = new Set(duplicatesOf(versions))
  return [
    ...versions.flatMap((version, i) =>
      repeated.has(i)
        ? [fieldInvalid(`${field}[${i}]`, version, 'duplicate version')]
        : checked(`${field}[${i}]`, version, checkDns1035Label),
    ),
    ...(versions.some((version) => known.includes(version))
      ? []
      : [fieldInvalid(field, versions, `must include at least one of ${known.join(', ')}`)]),
  ]
}

function validateClientConfig({ url, service }: WebhookClientConfig, field: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [fieldRequired(field, 'exactly one of url or service is required')]
  if (url !== undefined) return validateUrl(url, `${field}.url`)
  return service === undefined ? [] : validateService(service, `${field}.service`)
}

const form = '; desired format: https://host[/path]'

/** RFC 3986, as far as it is asked here: who is called by https, and nothing else stands in it. */
function validateUrl(url: string, field: string): FieldError[] {
  const [, scheme = '', authority = '', query = '', fragment = ''] =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(\?[^#]*)?(#.*)?$/s.exec(url) ?? []
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  const refuse = (value: string, why: string) => fieldInvalid(field, value, why)
  return [
    ...(scheme.toLowerCase() === 'https' ? [] : [refuse(scheme.toLowerCase(), `'https' is the only allowed URL scheme${form}`)]),
    ...(host === '' ? [refuse(host, `host must be specified${form}`)] : []),
    ...(at < 0 ? [] : [refuse(authority.slice(0, at), 'user information is not permitted in the URL')]),
    ...(fragment.length > 1 ? [refuse(fragment.slice(1), 'fragments are not permitted in the URL')] : []),
    ...(query.length > 1 ? [refuse(query.slice(1), 'query parameters are not permitted in the URL')] : []),
  ]
}

export const validateServicePort = (port: number, field: string): FieldError[] => {
  const complaints = checkPortNumber(port)
  return complaints.length === 0 ? [] : [fieldInvalid(field, port, `port is not valid: ${complaints.join(', ')}`)]
}

function validateService({ name, namespace, path = '', port }: ServiceReference, field: string): FieldError[] {
  const errors = [
    ...(name === '' ? [fieldRequired(`${field}.name`)] : []),
    ...(namespace === '' ? [fieldRequired(`${field}.namespace`)] : []),
    ...validateServicePort(port, `${field}.port`),
  ]
  const refuse = (why: string) => errors.push(fieldInvalid(`${field}.path`, path, why))
  if (path === '' || path === '/') return errors
  if (!path.startsWith('/')) refuse("must start with a '/'")
  for (const [i, segment] of path.slice(1).replace(/\/$/, '').split('/').entries()) {
    if (segment === '') refuse(`segment[${i}] may not be empty`)
    else for (const complaint of checkDnsSubdomain(segment)) refuse(`segment[${i}]: ${complaint}`)
  }
  return errors
}
