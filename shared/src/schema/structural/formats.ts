import { isIpv4, isIpv6 } from '../../meta/ip.ts'
import { parseQuantity } from '../../meta/quantity.ts'
import { canonicalTime } from '../../meta/time.ts'

/**
 * The check of a format that Kubernetes knows for texts; any other says nothing. `date-time` and `datetime` are one. Each takes no longer
 * than it takes to read the text once, and most give up on a long one at once.
 */
export function formatCheck(format: string): ((text: string) => boolean) | undefined {
  if (format.length > longestName) return undefined
  const name = format.replaceAll('-', '')
  const check = checks.get(name)
  return check === undefined || endless.has(name) ? check : (text) => text.length <= longestText && check(text)
}

const longestName = 64

/** Longer than any address, number, time or colour, however it is spaced. */
const longestText = 1024
const endless: ReadonlySet<string> = new Set(['uri', 'email', 'byte', 'password'])

const matching =
  (pattern: RegExp, longest = Infinity) =>
  (text: string): boolean =>
    text.length <= longest && pattern.test(text)

const uuid = (third: string, fourth: string) => matching(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${third}-?${fourth}-?[0-9a-f]{12}$`, 'i'))
const anyGroup = '[0-9a-f]{4}'
const variant = '[89ab][0-9a-f]{3}'

const checks: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['bsonobjectid', matching(/^[0-9a-f]{24}$/i)],
  ['uri', isRequestUri],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', isIpv4],
  ['ipv6', isIpv6],
  ['cidr', isCidr],
  ['mac', isMac],
  ['uuid', uuid(anyGroup, anyGroup)],
  ['uuid3', uuid('3[0-9a-f]{3}', anyGroup)],
  ['uuid4', uuid('4[0-9a-f]{3}', variant)],
  ['uuid5', uuid('5[0-9a-f]{3}', variant)],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', matching(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/)],
  ['hexcolor', matching(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i)],
  ['rgbcolor', isRgbColor],
  ['byte', isBase64],
  ['password', () => true],
  ['date', (text) => canonicalTime(`${text}T00:00:00Z`) !== undefined],
  ['duration', isDuration],
  ['datetime', (text) => canonicalTime(text.toUpperCase()) !== undefined],
  ['quantity', isQuantity],
  ['k8sshortname', matching(/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/, 63)],
  ['k8slongname', matching(/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/, 253)],
])

function isRequestUri(text: string): boolean {
  // Controls and spaces are in no URI.
  if (!/^[!-~\u0080-\uffff]+$/.test(text)) return false
  return text.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(text)
}

/** `a@b.c`, or with a name before it: `Somebody <a@b.c>`. */
function isEmail(text: string): boolean {
  const open = text.lastIndexOf('<')
  const address = open >= 0 && text.endsWith('>') ? text.slice(open + 1, -1) : text.trim()
  const at = address.lastIndexOf('@')
  return at > 0 && at < address.length - 1 && !/[\s<>(),;:\\"[\]@]/.test(address.slice(0, at) + address.slice(at + 1))
}

/** Labels of letters, digits and signs of any script; no dash at the end of one. */
function isHostname(text: string): boolean {
  if (text.length > 255) return false
  return text
    .split('.')
    .every((label) => Buffer.byteLength(label) <= 63 && /^[\p{L}\p{S}0-9](?:[-\p{L}\p{S}0-9]*[\p{L}\p{S}0-9])?$/u.test(label))
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/')
  if (rest.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(bits)) return false
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128)
}

/** Six, eight or twenty bytes, by colons, dashes or, in pairs, by dots. */
function isMac(text: string): boolean {
  const groups = text.split(/[:.-]/)
  const [sign = '', ...others] = text.replaceAll(/[0-9a-f]/gi, '')
  const size = sign === '.' ? 4 : 2
  const bytes = (groups.length * size) / 2
  return (
    (bytes === 6 || bytes === 8 || bytes === 20) &&
    others.every((other) => other === sign) &&
    groups.every((group) => group.length === size)
  )
}

const withoutDashes = (text: string): string => text.replaceAll(/[\s-]/g, '')

function isIsbn10(text: string): boolean {
  const digits = withoutDashes(text)
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  return [...digits].reduce((sum, digit, index) => sum + (10 - index) * (digit === 'X' ? 10 : Number(digit)), 0) % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = withoutDashes(text)
  return /^\d{13}$/.test(digits) && [...digits].reduce((sum, digit, index) => sum + (index % 2 === 0 ? 1 : 3) * Number(digit), 0) % 10 === 0
}

function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/\D+/g, '')
  const issued =
    /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/
  if (!issued.test(digits)) return false
  const doubled = [...digits].toReversed().map((digit, index) => (index % 2 === 0 ? Number(digit) : Number(digit) * 2))
  return doubled.reduce((sum, value) => sum + (value > 9 ? value - 9 : value), 0) % 10 === 0
}

function isRgbColor(text: string): boolean {
  const match = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text)
  return match !== null && match.slice(1).every((value) => Number(value) <= 255)
}

function isBase64(text: string): boolean {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)
}

/** As Go writes them (`1h30m`, `1.5s`), or with the units as words (`2 days`). */
function isDuration(text: string): boolean {
  if (text.length > 200) return false
  if (/^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/.test(text)) return true
  const parts = text.trim().match(/\d+\s*[A-Za-z\u00b5]+\s*/g)
  return (
    parts !== null &&
    parts.join('') === text.trim() &&
    parts.some((part) =>
      words.test(
        part
          .replace(/^\d+\s*/, '')
          .trim()
          .toLowerCase(),
      ),
    )
  )
}

const words = /^(?:ns|nano.*|us|\u00b5s|micro.*|ms|milli.*|s|sec.*|m|min.*|h|hr|hour.*|d|day.*|w|wk|week.*)$/

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text)
    return true
  } catch {
    return false
  }
}
