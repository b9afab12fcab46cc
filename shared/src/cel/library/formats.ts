import { checkDns1035Label, checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../../meta/names.ts'
import { formatCheck } from '../../schema/structural/formats.ts'
import { define, type Overload } from '../define.ts'
import { NamedFormat } from '../own-types.ts'
import { CelList, Optional } from '../values.ts'

type Check = (text: string) => readonly string[]

/** A prefix of generated names may end in a dash. */
const asPrefix =
  (check: Check): Check =>
  (text) =>
    check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text)

const structural =
  (name: string, what: string): Check =>
  (text) =>
    formatCheck(name)?.(text) === false ? [what] : []

const checks: Readonly<Record<string, Check>> = {
  dns1123Label: checkDnsLabel,
  dns1123Subdomain: checkDnsSubdomain,
  dns1035Label: checkDns1035Label,
  qualifiedName: checkQualifiedName,
  dns1123LabelPrefix: asPrefix(checkDnsLabel),
  dns1123SubdomainPrefix: asPrefix(checkDnsSubdomain),
  dns1035LabelPrefix: asPrefix(checkDns1035Label),
  labelValue: checkLabelValue,
  uri: structural('uri', 'invalid URI for request'),
  uuid: structural('uuid', 'does not match the UUID format'),
  byte: structural('byte', 'invalid base64'),
  date: structural('date', 'invalid date'),
  datetime: structural('datetime', 'invalid datetime'),
}

const none = new Optional(undefined)

/** What is told of a text that does not fit. */
const shown = (text: string): string => (text.length > 1000 ? text.slice(0, 1000) : text)

export const formats = (): readonly Overload[] => [
  define('.format.named(string) optional<Format>', (name, budget) => {
    budget.pay(1)
    return Object.hasOwn(checks, name) ? new Optional(new NamedFormat(name)) : none
  }),
  ...Object.keys(checks).map((name) => ({
    ...define('format() Format', (budget) => {
      budget.pay(1)
      return new NamedFormat(name)
    }),
    name: `format.${name}`,
  })),
  define('Format.validate(string) optional<list<string>>', ({ name }, text, budget) => {
    budget.pay(10)
    budget.payForText(text.length, 5)
    const wrong = (checks[name] ?? checkDnsLabel)(text).map(shown)
    return wrong.length === 0 ? none : new Optional(new CelList(wrong))
  }),
]
