import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { KindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Question } from '../matching/question.ts'
import { equivalentsOf, versionMet } from '../matching/rules.ts'
import type { Hook } from './hooks.ts'

/** A webhook whose rules a request meets, and the version of the resource in which it does. `index`: its place among all that there are. */
export type Candidate<H extends Hook> = { readonly hook: H; readonly version: Kind; readonly index: number }

type Asked = Pick<Question, 'kind' | 'operation' | 'subresource' | 'alsoAs'>

/**
 * Whose rules a request meets, in the order of configurations and of webhooks in them. Worked out once for each sort of request, so that thousands
 * of configurations cost those nothing whom none of them is about.
 */
export function createCandidates<H extends Hook>(kinds: KindSet, all: () => readonly (readonly H[])[]) {
  let known: {
    readonly from: readonly (readonly H[])[]
    readonly kinds: readonly Kind[]
    readonly sorts: WeakMap<Kind, Map<string, readonly Candidate<H>[]>>
  }
  known = { from: [], kinds: [], sorts: new WeakMap() }
  return ({ kind, operation, subresource, alsoAs }: Asked): readonly Candidate<H>[] => {
    const from = all()
    if (from.length === 0) return none
    if (known.from !== from || known.kinds !== kinds.all()) known = { from, kinds: kinds.all(), sorts: new WeakMap() }
    let sorts = known.sorts.get(kind)
    if (sorts === undefined) known.sorts.set(kind, (sorts = new Map()))
    const sort = `${operation} ${subresource}`
    let found = sorts.get(sort)
    if (found === undefined) sorts.set(sort, (found = candidates(from.flat(), { kind, operation, subresource, alsoAs }, known.kinds)))
    return found
  }
}

const none: readonly never[] = []

function candidates<H extends Hook>(
  hooks: readonly H[],
  { kind, alsoAs, ...target }: Asked,
  kinds: readonly Kind[],
): readonly Candidate<H>[] {
  const equivalents = alsoAs ?? equivalentsOf(kind, kinds)
  return hooks.flatMap((hook, index) => {
    const { rules = [], matchPolicy } = hook.webhook
    const version = versionMet(rules, { target, kind, equivalents: matchPolicy === 'Exact' ? [] : equivalents })
    return version === undefined ? [] : [{ hook, version, index }]
  })
}
