import { checkCidr, formatIpv6, isIpv4, isMappedIpv4, parseCidr, formatCidr, parseIpv6, networkOf } from './ip.ts'
import { checkIp, type NameCheck } from './names.ts'

/** An address that everybody writes and reads in the same way, in Kubernetes' words: what names something is held to it. */
export const checkCanonicalIp: NameCheck = (text) => {
  if (hasLeadingZeros(text) && checkIp(withoutLeadingZeros(text)).length === 0) return ['must not have leading 0s']
  const errors = checkIp(text)
  if (errors.length > 0 || isIpv4(text)) return errors
  const groups = parseIpv6(text) ?? []
  if (isMappedIpv4(groups)) return ['must not be an IPv4-mapped IPv6 address']
  return canonical(text, formatIpv6(groups))
}

/** The same of a network. */
export const checkCanonicalCidr: NameCheck = (text) => {
  if (hasLeadingZeros(text) && checkCidr(withoutLeadingZeros(text)).length === 0) return ['must not have leading 0s in IP or prefix length']
  const errors = checkCidr(text)
  if (errors.length > 0) return errors
  const [address = '', prefix = ''] = text.split('/')
  const v4 = parseCidr(text)
  const groups = parseIpv6(address) ?? []
  if (v4 === undefined && isMappedIpv4(groups)) return ['must not have an IPv4-mapped IPv6 address']
  const network = v4 === undefined ? networkOf(groups, Number(prefix)) : undefined
  if (v4 === undefined ? network?.some((group, i) => group !== groups[i]) : formatCidr(v4) !== text)
    return ['must not have bits set beyond the prefix length']
  return v4 === undefined ? canonical(text, `${formatIpv6(groups)}/${prefix}`) : []
}

const canonical = (text: string, form: string): readonly string[] =>
  text === form ? [] : [`must be in canonical form (${JSON.stringify(form)})`]

/** Looked for by hand: an expression would go from each of a million colons to the end. */
const hasIpv4Tail = (text: string): boolean => text.includes(':') && text.lastIndexOf('.') > text.indexOf(':')

/** Of IPv4 addresses and prefixes: to some programs such a number is octal. */
const zeros = /(^|[./])0+(?=\d)/g
const hasLeadingZeros = (text: string): boolean => !hasIpv4Tail(text) && text.search(zeros) >= 0 && withoutLeadingZeros(text) !== text
const withoutLeadingZeros = (text: string): string => text.replaceAll(zeros, (_all, before: string) => before)
