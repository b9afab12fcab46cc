import { define, type Overload } from '../define.ts'
import { compareVersions, Semver } from '../own-types.ts'
import { Fault } from '../values.ts'

const longest = 256
const number = '(0|[1-9]\\d{0,18})'
const syntax = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
)

function read(text: string): Semver | undefined {
  const match = text.length > longest ? null : syntax.exec(text)
  if (match === null) return undefined
  const parts = match[4]?.split('.') ?? []
  if (parts.some((part) => /^0\d+$/.test(part))) return undefined
  return new Semver(
    match.slice(1, 4).map((part) => BigInt(part)),
    parts.map((part) => (/^\d+$/.test(part) ? BigInt(part) : part)),
  )
}

/** `v1.02` as `1.2.0`. */
function normal(text: string): string {
  if (text.length > longest) return text
  const [, core = '', rest = ''] = /^v?([^-+]*)(.*)$/s.exec(text) ?? []
  const parts = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''))
  while (parts.length < 3) parts.push('0')
  return parts.join('.') + rest
}

const wrong = (text: string) => new Fault(`invalid semantic version: ${text.slice(0, 100)}`)
const part = (version: Semver, index: number): bigint => version.numbers[index] ?? 0n

export const semvers = (): readonly Overload[] =>
  [
    define('semver(string) Semver', (text) => read(text) ?? wrong(text)),
    define('semver(string, bool) Semver', (text, isLoose) => read(isLoose ? normal(text) : text) ?? wrong(text)),
    define('isSemver(string) bool', (text) => read(text) !== undefined),
    define('isSemver(string, bool) bool', (text, isLoose) => read(isLoose ? normal(text) : text) !== undefined),
    define('Semver.major() int', (version) => part(version, 0)),
    define('Semver.minor() int', (version) => part(version, 1)),
    define('Semver.patch() int', (version) => part(version, 2)),
    define('Semver.isGreaterThan(Semver) bool', (a, b) => compareVersions(a, b) > 0),
    define('Semver.isLessThan(Semver) bool', (a, b) => compareVersions(a, b) < 0),
    define('Semver.compareTo(Semver) int', (a, b) => BigInt(compareVersions(a, b))),
  ].map((overload) => ({
    ...overload,
    run(args, budget) {
      // None is read further than the longest version goes.
      budget.pay(20)
      return overload.run(args, budget)
    },
  }))
