import { define, type Overload } from '../define.ts'
import { Url } from '../own-types.ts'
import { CelList, EntryMap, Fault, type Value } from '../values.ts'

const badEscape = /%(?![0-9A-Fa-f]{2})/
const host = /^(?:[^\s/?#@<>"\\^`{}|[\]:]*|\[[0-9A-Fa-f:.%\w]+\])(?::\d*)?$/

function read(text: string): Url | undefined {
  if (text === '' || /[\u0000-\u0020\u007f]/.test(text)) return undefined // eslint-disable-line no-control-regex
  const [, scheme = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text) ?? []
  const rest = scheme === '' ? text : text.slice(scheme.length + 1)
  const mark = rest.indexOf('?')
  const before = mark < 0 ? rest : rest.slice(0, mark)
  const query = mark < 0 ? '' : rest.slice(mark + 1)
  if (!before.startsWith('/')) return scheme === '' ? undefined : new Url(text, { scheme: scheme.toLowerCase(), host: '', path: '', query })
  if (!before.startsWith('//') || (scheme === '' && before.startsWith('///')))
    return badEscape.test(before) ? undefined : new Url(text, { scheme: scheme.toLowerCase(), host: '', path: before, query })
  const slash = before.indexOf('/', 2)
  const authority = before.slice(2, slash < 0 ? undefined : slash)
  const path = slash < 0 ? '' : before.slice(slash)
  const name = authority.slice(authority.lastIndexOf('@') + 1)
  return host.test(name) && !badEscape.test(path) ? new Url(text, { scheme: scheme.toLowerCase(), host: name, path, query }) : undefined
}

const portOf = (name: string): string => /:(\d*)$/.exec(name.replace(/^\[[^\]]*\]/, ''))?.[1] ?? ''
const hostnameOf = (name: string): string =>
  name.replace(/:\d*$/, name.startsWith('[') && name.endsWith(']') ? '$&' : '').replace(/^\[(.*)\]$/, '$1')

export const urls = (): readonly Overload[] =>
  [
    define(
      'url(string) URL',
      (text) =>
        read(text) ?? new Fault(`URL parse error during conversion from string: parse "${text.slice(0, 100)}": invalid URI for request`),
    ),
    define('isURL(string) bool', (text) => read(text) !== undefined),
    define('URL.getScheme() string', ({ scheme }) => scheme),
    define('URL.getHost() string', (url) => url.host),
    define('URL.getHostname() string', (url) => hostnameOf(url.host)),
    define('URL.getPort() string', (url) => portOf(url.host)),
    define('URL.getEscapedPath() string', ({ path }) => encodeURI(path).replaceAll('%25', '%')),
    define('URL.getQuery() map<string,list<string>>', ({ query }) => queryOf(query)),
    define('string(URL) string', ({ text }) => text),
  ].map((overload) => ({
    ...overload,
    run(args, budget) {
      const [of] = args
      budget.pay(1)
      budget.payForText(typeof of === 'string' ? of.length : of instanceof Url ? of.text.length : 0, 2)
      return overload.run(args, budget)
    },
  }))

function queryOf(query: string): Value {
  const values = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(query)) {
    const known = values.get(name)
    if (known === undefined) values.set(name, [value])
    else known.push(value)
  }
  const map = new EntryMap()
  for (const [name, list] of values) map.add(name, new CelList(list))
  return map
}
