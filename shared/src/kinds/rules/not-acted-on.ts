import type { KubeObject } from '../../api/client.ts'
import { ownValue } from '../../json/own.ts'
import { isSameJson } from '../../json/same-json.ts'
import { apiVersionOf } from '../../schema/api-version.ts'
import { type Reason, reasons } from './not-acted-on-table.ts'

type Named = { readonly group: string; readonly version: string; readonly kind: string }
type Asked = { readonly object: KubeObject; readonly previous?: KubeObject | undefined }

/**
 * What the sender of an object is told of that which is stored and which nothing acts on, each as a sentence. An update is told of what
 * it changes; what was told when it was written is not told again.
 */
export function notActedOnIn(kind: Named, { object, previous }: Asked): string[] {
  return rulesOf(kind).flatMap(({ path, parts, why, when }) => {
    const found = firstGiven(object, parts, when)
    if (found === undefined || (previous !== undefined && isSameJson(valueOf(object, parts), valueOf(previous, parts)))) return []
    return [`${path === '' ? kind.kind : found}: is not acted on by this version: ${why}`]
  })
}

type When = Exclude<Reason, string>['when']
type Rule = Exclude<Reason, string> & { readonly path: string; readonly parts: readonly string[] }

/** Every write asks for those of its kind. */
const rulesKnown = new WeakMap<Named, readonly Rule[]>()

function rulesOf(kind: Named): readonly Rule[] {
  let rules = rulesKnown.get(kind)
  if (rules === undefined) {
    rules = Object.entries(ownValue(reasons, `${apiVersionOf(kind)} ${kind.kind}`) ?? {}).map(([path, reason]) => ({
      ...(typeof reason === 'string' ? { why: reason, when: () => true } : reason),
      path,
      parts: path === '' ? [] : path.split('.'),
    }))
    rulesKnown.set(kind, rules)
  }
  return rules
}

/** The first place under the path at which something is asked for; the items of a list are all looked at. */
function firstGiven(value: unknown, [part, ...rest]: readonly string[], when: When, at = ''): string | undefined {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const found = firstGiven(item, part === undefined ? [] : [part, ...rest], when, `${at}[${i}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (part === undefined) return when(value) ? at : undefined
  if (typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined
  return firstGiven((value as Record<string, unknown>)[part], rest, when, at === '' ? part : `${at}.${part}`) // it has it
}

/** What stands under the path, through all lists on the way; of the whole object all but what the server says about it. */
function valueOf(value: unknown, [part, ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => valueOf(item, part === undefined ? [] : [part, ...rest]))
  if (typeof value !== 'object' || value === null) return value
  if (part !== undefined) return Object.hasOwn(value, part) ? valueOf((value as Record<string, unknown>)[part], rest) : undefined
  if (!('metadata' in value)) return value
  const { metadata: _metadata, status: _status, ...said } = value as { metadata: unknown; status?: unknown } // taken apart only
  return said
}
