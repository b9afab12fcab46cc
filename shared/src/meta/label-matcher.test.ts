import { expect, it } from 'vitest'
import { labelSelectorMatches, type LabelSelector } from './label-selector.ts'

/** Tells how often labels are looked at. */
function watched(labels: Record<string, string>) {
  let looks = 0
  const proxy = new Proxy(labels, {
    get(target, key) {
      looks += 1
      return Reflect.get(target, key)
    },
    has(target, key) {
      looks += 1
      return Reflect.has(target, key)
    },
  })
  return { labels: proxy, looks: () => looks }
}

const keys = Array.from({ length: 10_000 }, (_, index) => `key-${index}`)
const selectors: [name: string, selector: LabelSelector, matches: boolean][] = [
  ['labels that must be absent', { matchExpressions: keys.map((key) => ({ key, operator: 'DoesNotExist' })) }, true],
  ['values that labels must not have', { matchExpressions: keys.map((key) => ({ key, operator: 'NotIn', values: ['x'] })) }, true],
  ['the same label again and again', { matchExpressions: keys.map(() => ({ key: 'app', operator: 'Exists' })) }, true],
  ['values of one label', { matchExpressions: [{ key: 'app', operator: 'In', values: [...keys, 'web'] }] }, true],
  ['labels that must be there', { matchLabels: Object.fromEntries(keys.map((key) => [key, 'x'])) }, false],
]

it.each(selectors)('a selector of ten thousand %s costs each object as much as its labels', (_name, selector, expected) => {
  const { labels, looks } = watched({ app: 'web', tier: 'front' })
  expect(labelSelectorMatches(selector, labels)).toBe(expected)
  expect(looks()).toBeLessThan(10)
})

it('is read once for each selector, however many objects it is asked of', () => {
  let reads = 0
  const selector: LabelSelector = {
    get matchLabels() {
      reads += 1
      return { app: 'web' }
    },
  }
  for (let index = 0; index < 100; index++) expect(labelSelectorMatches(selector, { app: 'web' })).toBe(true)
  expect(reads).toBe(1)
})

it('all that is said of one label must hold', () => {
  const about = (...matchExpressions: NonNullable<LabelSelector['matchExpressions']>) =>
    labelSelectorMatches({ matchExpressions }, { app: 'web' })
  const among = (...values: string[]) => ({ key: 'app', operator: 'In' as const, values })
  const not = (...values: string[]) => ({ key: 'app', operator: 'NotIn' as const, values })
  expect(about(among('web', 'db'), among('web'))).toBe(true)
  expect(about(among('web', 'db'), among('db'))).toBe(false)
  expect(about(among('db'), among('web', 'db'))).toBe(false)
  expect(about(among('web'), not('db'), not('cache'))).toBe(true)
  expect(about(among('web'), not('db'), not('web'))).toBe(false)
  expect(about(among('web'), { key: 'app', operator: 'DoesNotExist' })).toBe(false)
  expect(about(among())).toBe(false)
  expect(about(not())).toBe(true)
})
