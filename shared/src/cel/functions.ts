import type { Overload } from './define.ts'
import { addresses } from './library/addresses.ts'
import { authorizing } from './library/authorizer.ts'
import { conversions } from './library/conversions.ts'
import { formats } from './library/formats.ts'
import { listShapes } from './library/list-shapes.ts'
import { lists } from './library/lists.ts'
import { operators } from './library/operators.ts'
import { optionals } from './library/optionals.ts'
import { patterns } from './library/patterns.ts'
import { quantities } from './library/quantities.ts'
import { semvers } from './library/semver.ts'
import { sets } from './library/sets.ts'
import { strings } from './library/strings.ts'
import { times } from './library/times.ts'
import { urls } from './library/urls.ts'
import { TypeValue } from './values.ts'

/** Kubernetes' libraries. That for authorization has nothing to ask where no authorizer is a variable. */
const libraries = [
  ...[operators, conversions, strings, lists, listShapes, sets, patterns, optionals, times],
  ...[quantities, urls, addresses, formats, semvers, authorizing],
]

// A memo, not state: the table of functions never changes, and is made when the first expression is read.
let table: ReadonlyMap<string, readonly Overload[]> | undefined

/** The ways to call a function; none if there is no such function. */
export function overloadsOf(name: string): readonly Overload[] {
  table ??= grouped()
  return table.get(name) ?? []
}

function grouped(): ReadonlyMap<string, readonly Overload[]> {
  const byName = new Map<string, Overload[]>()
  for (const overload of libraries.flatMap((library) => library())) {
    const known = byName.get(overload.name)
    if (known === undefined) byName.set(overload.name, [overload])
    else known.push(overload)
  }
  return byName
}

/** Names that stand for types. */
export const namedTypes: ReadonlyMap<string, TypeValue> = new Map(
  [
    ...['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type', 'type', 'optional_type'],
    ...['google.protobuf.Duration', 'google.protobuf.Timestamp', 'kubernetes.URL', 'kubernetes.Quantity', 'kubernetes.NamedFormat'],
    ...['kubernetes.Semver', 'net.IP', 'net.CIDR'],
    ...['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map((name) => `kubernetes.authorization.${name}`),
  ].map((name) => [name, new TypeValue(name)]),
)
