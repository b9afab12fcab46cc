import { describe, expect, it } from 'vitest'
import { matcherOf } from './label-matcher.ts'
import { formatSelector, labelSelectorMatches, parseSelector, selectorOf } from './label-selector.ts'

describe('a label selector in a query', () => {
  const labels = { app: 'web', tier: 'front', 'example.com/zone': 'a', in: 'x', size: '12' }
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web , tier = front', true],
    ['app!=web', false],
    ['missing!=web', true],
    ['app', true],
    ['!app', false],
    ['!missing', true],
    ['app in (web,db)', true],
    ['app in (db)', false],
    ['app notin (db, cache)', true],
    ['missing notin (a)', true],
    ['missing in (a)', false],
    ['app in (web),tier notin (back),!missing', true],
    ['example.com/zone=a', true],
    ['in=x', true],
    ['app=in', false],
    ['in in (x)', true],
    ['app=', false],
    ['missing=', false],
    ['size>10', true],
    ['size<10', false],
    ['app>1', false],
    ['app in (,web)', true],
    ['app in ()', false],
    ['app notin ()', true],
    [',', "found ',', expected: !, identifier, or 'end of string'"],
    ['app=web,', "found '', expected: identifier after ','"],
    ['app=web tier=front', "found 'tier', expected: ',' or 'end of string'"],
    ['app in web', "found 'web' expected: '('"],
    ['app in (web', "found '', expected: ',' or ')'"],
    ['app ~ web', "found '~', expected: in, notin, =, ==, !=, gt, lt"],
    ['!', "found '', expected: identifier"],
    ['-app=web', 'key: Invalid value: "-app": name part must consist of alphanumeric characters'],
    ['app=we!b', "found '!', expected: ',' or 'end of string'"],
    ['app=-web', 'values[0][app]: Invalid value: "-web": a valid label must be an empty string or consist of'],
    ['size>a', "for 'Gt', 'Lt' operators, the value must be an integer"],
    ['a/b/c=d', 'key: Invalid value: "a/b/c": a qualified name must consist of'],
  ])('%j gives %j', (query, expected) => {
    if (typeof expected === 'boolean') expect(matcherOf(parseSelector(query))(labels)).toBe(expected)
    else expect(() => parseSelector(query)).toThrow(expected)
  })

  it('is refused as a bad request', () => {
    expect(() => parseSelector('a b')).toThrow(
      expect.objectContaining({ reason: 'BadRequest', message: expect.stringContaining('unable to parse requirement: ') }),
    )
  })

  it.each([
    ['=', "found '=', expected: !, identifier, or 'end of string'"],
    ['a,,b', "found ',', expected: identifier after ','"],
    ['a!', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
  ])('%j is refused in the words of Kubernetes', (query, message) => {
    expect(() => parseSelector(query)).toThrow(expect.objectContaining({ message }))
  })

  it('is written with its keys in order and can be read back', () => {
    const text = formatSelector(parseSelector('z,!y,b in (d,c),a=1,k!=v'))
    expect(text).toBe('a=1,b in (c,d),k!=v,!y,z')
    expect(formatSelector(parseSelector(text))).toBe(text)
  })
})

describe('a LabelSelector object', () => {
  it.each([
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'db' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In' as const, values: ['web'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn' as const, values: ['web'] }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' as const }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' as const }] }, false],
    [{ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'Exists' as const }] }, false],
  ])('%j selects app=web: %s', (selector, expected) => {
    expect(matcherOf(selectorOf(selector))({ app: 'web' })).toBe(expected)
  })

  it('selects everything when it is empty and nothing when there is none', () => {
    expect(labelSelectorMatches({}, undefined)).toBe(true)
    expect(labelSelectorMatches(undefined, { app: 'web' })).toBe(false)
  })
})

it('a selector longer than the line of a request is refused', () => {
  expect(() => parseSelector(Array.from({ length: 5000 }, (_, index) => `a${index}`).join(','))).toThrow(
    'a selector has at most 16384 characters',
  )
})
