import { isIpv4, isIpv6 } from './ip.ts'

/** Each check answers what is wrong in Kubernetes' words; no complaints means valid. */
export type NameCheck = (text: string) => readonly string[]

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain1123 = `${label1123}(\\.${label1123})*`
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${qualified})?`
const dataKey = '[-._a-zA-Z0-9]+'

const label1123Pattern = whole(label1123)
const subdomain1123Pattern = whole(subdomain1123)
const label1035Pattern = whole(label1035)
const qualifiedPattern = whole(qualified)
const labelValuePattern = whole(labelValue)
const dataKeyPattern = whole(dataKey)
const printableButEquals = /^[ -<>-~]+$/

// Of a name of megabytes it is enough that it is too long.
const longestTold = 4096

export const checkDnsLabel: NameCheck = (text) => [
  ...(text.length > 63 ? [tooLong(63)] : []),
  ...(label1123Pattern.test(text)
    ? []
    : [
        mismatch(
          "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
          label1123,
          'my-name',
          '123-abc',
        ),
      ]),
]

export const checkDnsSubdomain: NameCheck = (text) => [
  ...(text.length > 253 ? [tooLong(253)] : []),
  ...(text.length > longestTold || subdomain1123Pattern.test(text)
    ? []
    : [
        mismatch(
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
          subdomain1123,
          'example.com',
        ),
      ]),
]

/** One star for the first part of a domain: `*.example.com`. */
export const checkWildcardSubdomain: NameCheck = (text) => [
  ...(text.length > 253 ? [tooLong(253)] : []),
  ...(text.length > longestTold || (text.startsWith('*.') && subdomain1123Pattern.test(text.slice(2)))
    ? []
    : [
        mismatch(
          "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
          `\\*\\.${subdomain1123}`,
          '*.example.com',
        ),
      ]),
]

export const checkDns1035Label: NameCheck = (text) => [
  ...(text.length > 63 ? [tooLong(63)] : []),
  ...(label1035Pattern.test(text)
    ? []
    : [
        mismatch(
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
          label1035,
          'my-name',
          'abc-123',
        ),
      ]),
]

export const checkPathSegment: NameCheck = (text) => {
  if (text === '.' || text === '..') return [`may not be '${text}'`]
  return ['/', '%'].filter((illegal) => text.includes(illegal)).map((illegal) => `may not contain '${illegal}'`)
}

/** A label key, annotation key, taint key or finalizer: `name` or `prefix/name`. */
export const checkQualifiedName: NameCheck = (text) => {
  const parts = text.split('/')
  const [first = '', second] = parts
  const message = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
  const explained = mismatch(message, qualified, 'MyName', 'my.name', '123-abc')
  if (parts.length > 2) return [`a qualified name ${explained} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  const complaints: string[] = []
  if (second !== undefined) {
    if (first === '') complaints.push('prefix part must be non-empty')
    else complaints.push(...checkDnsSubdomain(first).map((complaint) => `prefix part ${complaint}`))
  }
  const name = second ?? first
  if (name === '') complaints.push('name part must be non-empty')
  else if (name.length > 63) complaints.push(`name part ${tooLong(63)}`)
  if (!qualifiedPattern.test(name)) complaints.push(`name part ${explained}`)
  return complaints
}

export const checkLabelValue: NameCheck = (text) => [
  ...(text.length > 63 ? [tooLong(63)] : []),
  ...(labelValuePattern.test(text)
    ? []
    : [
        mismatch(
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
          labelValue,
          'MyValue',
          'my_value',
          '12345',
        ),
      ]),
]

export const checkEnvName: NameCheck = (text) =>
  printableButEquals.test(text) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]

/** A key of a ConfigMap or Secret: it becomes a file name. */
export const checkDataKey: NameCheck = (text) => {
  const complaints: string[] = []
  if (text.length > 253) complaints.push(tooLong(253))
  if (!dataKeyPattern.test(text))
    complaints.push(
      mismatch("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", dataKey, 'key.name', 'KEY_NAME', 'key-name'),
    )
  if (text === '.' || text === '..') complaints.push(`must not be '${text}'`)
  else if (text.startsWith('..')) complaints.push("must not start with '..'")
  return complaints
}

/** The name of a container's port (IANA service name). */
export const checkPortName: NameCheck = (text) => {
  const complaints: string[] = []
  if (text.length > 15) complaints.push(tooLong(15))
  if (!/^[-a-z0-9]+$/.test(text)) complaints.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(text)) complaints.push('must contain at least one letter (a-z)')
  if (text.includes('--')) complaints.push('must not contain consecutive hyphens')
  if (text.startsWith('-') || text.endsWith('-')) complaints.push('must not begin or end with a hyphen')
  return complaints
}

export const checkPortNumber = (port: number): readonly string[] =>
  Number.isInteger(port) && port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive']

/** A domain that resolvers append: with underscores and a last dot, or the root alone. */
export const checkSearchDomain: NameCheck = (text) => (text === '.' ? [] : checkDnsSubdomain(text.replace(/\.$/, '').replaceAll('_', 'x')))

/** An address as `ip.ts` reads it. */
export const checkIp: NameCheck = (text) =>
  isIpv4(text) || isIpv6(text) ? [] : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']

function whole(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`)
}

function tooLong(max: number): string {
  return `must be no more than ${max} bytes`
}

function mismatch(message: string, pattern: string, ...examples: readonly string[]): string {
  const quoted = examples.map((example) => `'${example}', `).join(' or ')
  return `${message} (e.g. ${quoted}regex used for validation is '${pattern}')`
}
