import { type Matcher, matcherOf } from '@bramble/shared/meta/label-matcher.ts'
import { selectorOf } from '@bramble/shared/meta/label-selector.ts'

type Labels = Readonly<Record<string, string>> | undefined

const matchers = new WeakMap<object, Matcher>()

/** True when every label that is asked for is there with that value; nothing asked for matches everything. Made ready once for each `wanted`. */
export function hasLabels(wanted: Readonly<Record<string, string>>, labels: Labels): boolean {
  let matcher = matchers.get(wanted)
  if (matcher === undefined) matchers.set(wanted, (matcher = matcherOf(selectorOf({ matchLabels: wanted }))))
  return matcher(labels)
}
