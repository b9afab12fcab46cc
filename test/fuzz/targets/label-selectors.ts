import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { matcherOf } from '@bramble/shared/meta/label-matcher.ts'
import { formatSelector, parseSelector } from '@bramble/shared/meta/label-selector.ts'
import { readOrRefused } from '../refusals.ts'
import { defineTarget } from '../target.ts'

export const labelSelectors = defineTarget({
  name: 'label-selectors',
  seeds: ['a=b', 'a in (b, c),!d,e', 'x.io/a!=b,c notin (d)', 'a==b , c', 'a in (),b=', 'a>1,b<2'],
  words: ['in', 'notin', '(', ')', ',', '!', '=', '==', '!=', ' ', 'a', 'x.io/b', '"', '>', '<'],
  open: () => (input) => {
    const selector = readOrRefused(() => parseSelector(input.toString()))
    if (selector === undefined) return
    matcherOf(selector)({ a: 'b', e: '' })
    const text = formatSelector(selector)
    if (!isSameJson(formatSelector(parseSelector(text)), text)) throw new Error(`${text} reads as ${formatSelector(parseSelector(text))}`)
  },
})
