import { type FieldError, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkDnsSubdomain, checkIp, checkSearchDomain } from '../../meta/names.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import { checked } from './field-errors.ts'

// resolv.conf(5), and what resolvers of containers still read.
const maxServers = 3
const maxSearches = 32
const maxSearchLength = 2048

/** What the pod adds to its /etc/hosts and resolv.conf: each text becomes a word of a line there. */
export function validatePodDns({ dnsPolicy, dnsConfig, hostAliases = [] }: PodSpec, field: string): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {}
  const at = `${field}.dnsConfig`
  if (dnsPolicy === 'None' && dnsConfig === undefined)
    return [fieldRequired(at, 'must provide `dnsConfig` when `dnsPolicy` is None'), ...validateHostAliases(hostAliases, field)]
  return [
    ...(dnsPolicy === 'None' && nameservers.length === 0
      ? [fieldRequired(`${at}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
      : []),
    ...(nameservers.length > maxServers
      ? [fieldInvalid(`${at}.nameservers`, nameservers, `must not have more than ${maxServers} nameservers`)]
      : []),
    ...nameservers.flatMap((server, i) => checked(`${at}.nameservers[${i}]`, server, checkIp)),
    ...(searches.length > maxSearches
      ? [fieldInvalid(`${at}.searches`, searches, `must not have more than ${maxSearches} search paths`)]
      : []),
    ...(searches.join(' ').length > maxSearchLength
      ? [
          fieldInvalid(
            `${at}.searches`,
            searches,
            `must not have more than ${maxSearchLength} characters (including spaces) in the search list`,
          ),
        ]
      : []),
    ...searches.flatMap((search, i) => checked(`${at}.searches[${i}]`, search, checkSearchDomain)),
    ...options.flatMap(({ name = '', value = '' }, i) => [
      ...(name === '' ? [fieldRequired(`${at}.options[${i}]`, 'must not be empty')] : []),
      ...(/\s/.test(name) ? [fieldInvalid(`${at}.options[${i}].name`, name, 'must be one word')] : []),
      ...(/\s/.test(value) ? [fieldInvalid(`${at}.options[${i}].value`, value, 'must be one word')] : []),
    ]),
    ...validateHostAliases(hostAliases, field),
  ]
}

const validateHostAliases = (hostAliases: NonNullable<PodSpec['hostAliases']>, field: string): FieldError[] =>
  hostAliases.flatMap(({ ip, hostnames = [] }, i) => [
    ...checked(`${field}.hostAliases[${i}].ip`, ip, checkIp),
    ...hostnames.flatMap((name) => checked(`${field}.hostAliases[${i}].hostnames`, name, checkDnsSubdomain)),
  ])
