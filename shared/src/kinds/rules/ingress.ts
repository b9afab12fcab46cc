import { type FieldError, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { isIpv4, isIpv6 } from '../../meta/ip.ts'
import {
  checkDns1035Label,
  checkDnsSubdomain,
  checkPathSegment,
  checkPortName,
  checkPortNumber,
  checkWildcardSubdomain,
} from '../../meta/names.ts'
import type { HTTPIngressPath, IngressBackend, IngressLoadBalancerStatus, IngressRule, IngressSpec } from '../../types/ingress-spec.ts'
import { checked } from './field-errors.ts'

export function validateIngressSpec(spec: IngressSpec, field: string): FieldError[] {
  const { defaultBackend, rules = [], tls = [], ingressClassName } = spec
  return [
    ...(rules.length === 0 && defaultBackend === undefined
      ? [fieldInvalid(field, spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified')]
      : []),
    ...(defaultBackend === undefined ? [] : validateBackend(defaultBackend, `${field}.defaultBackend`)),
    ...rules.flatMap((rule, i) => validateRule(rule, `${field}.rules[${i}]`)),
    ...tls.flatMap(({ hosts = [], secretName = '' }, i) => [
      ...hosts.flatMap((host, j) => validateHost(host, `${field}.tls[${i}].hosts[${j}]`)),
      ...(secretName === '' ? [] : checked(`${field}.tls[${i}].secretName`, secretName, checkDnsSubdomain)),
    ]),
    ...(ingressClassName === undefined ? [] : checked(`${field}.ingressClassName`, ingressClassName, checkDnsSubdomain)),
  ]
}

const validateHost = (host: string, field: string): FieldError[] =>
  checked(field, host, host.includes('*') ? checkWildcardSubdomain : checkDnsSubdomain)

const isIp = (text: string) => isIpv4(text) || isIpv6(text)

function validateRule({ host = '', http }: IngressRule, field: string): FieldError[] {
  const paths = http?.paths ?? []
  return [
    ...(isIp(host) ? [fieldInvalid(`${field}.host`, host, 'must be a DNS name, not an IP address')] : []),
    ...(host === '' ? [] : validateHost(host, `${field}.host`)),
    ...(http !== undefined && paths.length === 0 ? [fieldRequired(`${field}.http.paths`)] : []),
    ...paths.flatMap((path, i) => validatePath(path, `${field}.http.paths[${i}]`)),
  ]
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']
const oddParts = ['//', '/./', '/../', '%2f', '%2F']
const oddEnds = ['/..', '/.']

function validatePath({ path = '', pathType, backend }: HTTPIngressPath, field: string): FieldError[] {
  if (pathType === undefined) return [fieldRequired(`${field}.pathType`, 'pathType must be specified')]
  const refuse = (why: string) => fieldInvalid(`${field}.path`, path, why)
  const isExact = pathType === 'Exact' || pathType === 'Prefix'
  return [
    ...(pathTypes.includes(pathType) ? [] : [fieldNotSupported(`${field}.pathType`, pathType, pathTypes)]),
    ...((isExact || path !== '') && pathTypes.includes(pathType) && !path.startsWith('/') ? [refuse('must be an absolute path')] : []),
    ...(isExact ? oddParts.filter((part) => path.includes(part)).map((part) => refuse(`must not contain '${part}'`)) : []),
    ...(isExact ? oddEnds.filter((end) => path.endsWith(end)).map((end) => refuse(`cannot end with '${end}'`)) : []),
    ...validateBackend(backend, `${field}.backend`),
  ]
}

function validateBackend({ service, resource }: IngressBackend, field: string): FieldError[] {
  if (service !== undefined && resource !== undefined) return [fieldInvalid(field, '', 'cannot set both resource and service backends')]
  if (resource !== undefined) return validateReference(resource, `${field}.resource`)
  if (service === undefined) return [fieldInvalid(field, '', 'resource or service backend is required')]
  const { name, port: { name: portName = '', number = 0 } = {} } = service
  return [
    ...(name === '' ? [fieldRequired(`${field}.service.name`)] : checked(`${field}.service.name`, name, checkDns1035Label)),
    ...(portName !== '' && number !== 0 ? [fieldInvalid(field, '', 'cannot set both port name & port number')] : []),
    ...(portName !== '' && number === 0 ? checked(`${field}.service.port.name`, portName, checkPortName) : []),
    ...(portName === '' && number !== 0
      ? checkPortNumber(number).map((why) => fieldInvalid(`${field}.service.port.number`, number, why))
      : []),
    ...(portName === '' && number === 0 ? [fieldRequired(field, 'port name or number is required')] : []),
  ]
}

type Reference = { readonly apiGroup?: string; readonly kind: string; readonly name: string }

/** An object of any kind. */
export const validateReference = ({ apiGroup, kind, name }: Reference, field: string): FieldError[] => [
  ...(apiGroup === undefined ? [] : checked(`${field}.apiGroup`, apiGroup, checkDnsSubdomain)),
  ...(kind === '' ? [fieldRequired(`${field}.kind`, 'kind is required')] : checked(`${field}.kind`, kind, checkPathSegment)),
  ...(name === '' ? [fieldRequired(`${field}.name`, 'name is required')] : checked(`${field}.name`, name, checkPathSegment)),
]

export const validateIngressStatus = (status: IngressLoadBalancerStatus | undefined, field: string): FieldError[] =>
  (status?.ingress ?? []).flatMap(({ ip = '', hostname = '' }, i) => [
    ...(ip === '' || isIp(ip) ? [] : [fieldInvalid(`${field}.ingress[${i}].ip`, ip, 'must be a valid IP address')]),
    ...(hostname === '' ? [] : checked(`${field}.ingress[${i}].hostname`, hostname, checkDnsSubdomain)),
    ...(isIp(hostname) ? [fieldInvalid(`${field}.ingress[${i}].hostname`, hostname, 'must be a DNS name, not an IP address')] : []),
  ])
