import { describe, expect, it } from 'vitest'
import { Budget, OutOfBudget } from './budget.ts'
import { compileExpression } from './program.ts'
import * as t from './types.ts'
import { CelList, CelMap, Fault, Optional, Uint, type Value } from './values.ts'

const variables = new Map<string, t.CelType>([['x', t.dyn]])

/** In JSON, errors by what they say. */
function shown(value: Value): unknown {
  if (value instanceof Fault) return `error: ${value.message}`
  if (value instanceof CelList) return Array.from({ length: value.size }, (_, index) => shown(value.at(index)))
  if (value instanceof CelMap) return Object.fromEntries(value.keys().map((key) => [String(key), shown(value.get(key) as Value)]))
  if (value instanceof Optional) return value.value === undefined ? 'none' : { of: shown(value.value) }
  if (value instanceof Uint) return `${value.value}u`
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString()}`
  return typeof value === 'bigint' ? Number(value) : value
}

function result(source: string, x: Value = null, units = 1_000_000): unknown {
  const compiled = compileExpression(source, variables)
  if (!compiled.ok) return compiled.why.split('\n')[0]
  return shown(compiled.program.evaluate([x], new Budget(units)))
}

const facts: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  numbers: [
    ['1 + 2 * 3 - 4 / 2', 5],
    ['7 % 3 == 1 && -7 % 3 == -1 && -7 / 2 == -3', true],
    ['9223372036854775807 + 1', 'error: integer overflow'],
    ['-9223372036854775808', Number(-(2n ** 63n))],
    ['1 / 0', 'error: division by zero'],
    ['1 % 0', 'error: modulus by zero'],
    ['1.0 / 0.0 > 1.0', true],
    ['0u - 1u', 'error: unsigned integer overflow'],
    ['1 < 1.5 && 2u > 1 && 1.0 <= 1u', true],
    ['dyn(1) == 1.0', true],
    ['0x1F', 31],
    ['1e3', 1000],
    ['-1.5 < .5', true],
    ['--1 == 1', true],
  ],
  'logic that hears whoever decides': [
    ['true || 1/0 > 0', true],
    ['1/0 > 0 || true', true],
    ['1/0 > 0 && false', false],
    ['1/0 > 0 && true', 'error: division by zero'],
    ['true ? 1 : 1/0', 1],
    ['[1, 2].all(i, 1/i > 5 || true)', true],
    ['[0, 2].exists(i, 4/i == 2)', true],
    ['[0, 3].exists(i, 4/i == 2)', 'error: division by zero'],
  ],
  texts: [
    [`'a' + "b" + '''c''' + r'\\d'`, 'abc\\d'],
    [`'\\u00e9\\n\\x41\\101'`, 'é\nAA'],
    [`size('😀')`, 1],
    [`'tacocat'.charAt(3)`, 'o'],
    [`'tacocat'.indexOf('ac')`, 1],
    [`'tacocat'.lastIndexOf('at')`, 5],
    [`'tacocat'.substring(4)`, 'cat'],
    [`'tacocat'.substring(0, 4)`, 'taco'],
    [`'TacoCat'.lowerAscii() + 'a'.upperAscii()`, 'tacocatA'],
    [`'hello hello'.replace('he', 'we')`, 'wello wello'],
    [`'hello hello'.replace('he', 'we', 1)`, 'wello hello'],
    [`'abc'.replace('', '-')`, '-a-b-c-'],
    [`'a,b,c'.split(',')`, ['a', 'b', 'c']],
    [`'a,b,c'.split(',', 2)`, ['a', 'b,c']],
    [`['a', 'b'].join('-')`, 'a-b'],
    [`'  trim\\n'.trim()`, 'trim'],
    [`'abc'.contains('bc') && 'abc'.startsWith('a') && 'abc'.endsWith('c')`, true],
    [
      `'%s is %d, %.2f, %x %X %b %o %e %%'.format([dyn('a'), 3, 2.5, 255, 'az', 5, 8, 1234.5])`,
      'a is 3, 2.50, ff 617A 101 10 1.234500e+03 %',
    ],
    [`'%s'.format([[dyn(1), 'a', {'k': true}]])`, '[1, a, {k: true}]'],
    [`strings.quote('a"b')`, '"a\\"b"'],
    [`b'abc' == bytes('abc') && string(b'\\xc3\\xa9') == 'é'`, true],
    [`'abc'.charAt(9)`, 'error: index out of range: 9'],
  ],
  'patterns as RE2 means them': [
    [`'abc123'.find('[0-9]+')`, '123'],
    [`'123 abc 456'.findAll('[0-9]*')`.replace('*', '+'), ['123', '456']],
    [`'123 abc 456'.findAll('[0-9]+', 1)`, ['123']],
    [`'foobar'.matches('^foo')`, true],
    [`matches('foobar', 'o{2}b')`, true],
    [`'a'.matches('(?=a)')`, `ERROR: <input>:1:13: invalid matches argument`],
  ],
  'lists and maps': [
    ['[1, 2, 3].map(i, i * 2)', [2, 4, 6]],
    ['[1, 2, 3].map(i, i > 1, i * 2)', [4, 6]],
    ['[1, 2, 3].filter(i, i > 1)', [2, 3]],
    ['[1, 2, 3].exists_one(i, i > 2)', true],
    ['2 in [1, 2] && !(3 in [1, 2])', true],
    [`'a' in {'a': 1}`, true],
    [`{'a': 1}['b']`, 'error: no such key: b'],
    ['[1][3]', 'error: index out of bounds: 3'],
    [`{'a': 1}.all(k, k == 'a')`, true],
    [`{'a': 1, 'b': 2}.transformList(k, v, k + string(v))`, ['a1', 'b2']],
    [`[5, 6].transformMap(i, v, v * i)`, { 0: 0, 1: 6 }],
    [`{'a': 'b'}.transformMapEntry(k, v, {v: k})`, { b: 'a' }],
    ['[1, 2].all(i, v, i < v)', true],
    ['[1, 2] + [3] == [1, 2, 3]', true],
    ['[3, 1, 2].min() == 1 && [3, 1].max() == 3 && [1, 2].sum() == 3', true],
    ['[1, 2, 2].isSorted() && [1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2', true],
    [`[duration('1m'), duration('1s')].sum() == duration('61s')`, true],
    ['[1].filter(i, false).min()', 'error: min called on empty list'],
    ['sets.contains([1, 2], [2]) && sets.equivalent([1, 1], [1]) && sets.intersects([1], [1, 2])', true],
    [`{'a': [dyn(1), {'b': 2}]} == {'a': [dyn(1), {'b': 2}]}`, true],
    ['[1, 2, 3, 4].slice(1, 3)', [2, 3]],
    ['[1].slice(0, 2)', 'error: cannot slice(0, 2), list is length 1'],
    ['[[1], [2, 3]].flatten() + [dyn(1), [dyn(2), [dyn(3)]]].flatten(2)', [1, 2, 3, 1, 2, 3]],
    ['[3, 1, 2].sort() + [1, 2].reverse() + lists.range(2)', [1, 2, 3, 2, 1, 0, 1]],
    [`['b', 'a', 'b'].distinct()`, ['b', 'a']],
    [`['bb', 'a', 'cc'].sortBy(e, size(e))`, ['a', 'bb', 'cc']],
    [`[dyn('b'), dyn(1)].sortBy(e, e)`, 'error: list elements must have the same type'],
    [
      `[1].sortBy(e, [e])`,
      `ERROR: <input>:1:11: found no matching overload for '@sortByAssociatedKeys' applied to 'list(int).(list(list(int)))'`,
    ],
    ['size([1, 2]) + [1].size() + {1: 2}.size()', 4],
    ['{1: 2}[dyn(1.0)]', 2],
    [`{'a': 1, 'a': 2}`, 'error: Failed with repeated key'],
  ],
  'optional values': [
    [`optional.of(1).or(optional.none()).value()`, 1],
    [`optional.none().orValue(2)`, 2],
    [`optional.ofNonZeroValue('').hasValue()`, false],
    [`{'a': {'b': 1}}.?a.?b`, { of: 1 }],
    [`{'a': {'b': 1}}.?c.b`, 'none'],
    [`[1][?5].orValue(7)`, 7],
    [`{'a': 1}[?'a'].optMap(v, v + 1).value()`, 2],
    [`{'a': 1}.?a.optFlatMap(v, optional.none())`, 'none'],
    [`[?optional.none(), ?optional.of(1)]`, [1]],
    [`{?'a': optional.none(), 'b': 1}`, { b: 1 }],
    [`optional.none().value()`, 'error: optional.none() dereference'],
  ],
  times: [
    [`timestamp('2024-02-29T12:30:00Z').getMonth()`, 1],
    [`timestamp('2024-02-29T12:30:00Z').getDayOfYear()`, 59],
    [`timestamp('2023-03-01T12:30:00Z').getDayOfYear()`, 59],
    [`timestamp('2024-02-29T23:30:00Z').getDate('+01:00')`, 1],
    [`timestamp('2024-07-01T23:30:00Z').getHours('Europe/Berlin')`, 1],
    [`timestamp('2024-01-01T00:00:00Z') - timestamp('2023-12-31T00:00:00Z') == duration('24h')`, true],
    [`string(timestamp('2024-01-01T00:00:00+02:00') + duration('1.5s'))`, '2023-12-31T22:00:01.500Z'.replace('500', '5')],
    [`duration('1h30m').getMinutes()`, 90],
    [`string(duration('-90.5s'))`, '-90.5s'],
    [`duration('1 day')`, 'ERROR: <input>:1:10: invalid duration argument'],
    [`int(timestamp('1970-01-01T00:01:00Z'))`, 60],
  ],
  "Kubernetes' libraries": [
    [`quantity('1.5Gi').isGreaterThan(quantity('1G')) && quantity('500m').add(quantity('1')).compareTo(quantity('1500m')) == 0`, true],
    [`isQuantity('1x')`, false],
    [`quantity('5').sub(2).asInteger()`, 3],
    [`quantity('50k') == quantity('50000')`, true],
    [`url('https://user@example.com:8443/a/b?x=1&x=2&y=3').getHost()`, 'example.com:8443'],
    [`url('https://example.com:80/').getPort() + url('https://[::1]:80/').getHostname()`, '80::1'],
    [`url('https://example.com/?x=1&x=2').getQuery()`, { x: ['1', '2'] }],
    [`isURL('https://a/b') && isURL('/path') && !isURL('../a') && !isURL('a b')`, true],
    [`ip('192.168.0.1').family() + ip('::1').family()`, 10],
    [`isIP('127.0.0.1') && !isIP('::ffff:1.2.3.4') && ip('127.0.0.1').isLoopback() && ip('8.8.8.8').isGlobalUnicast()`, true],
    [`ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD')`, true],
    [`cidr('192.168.0.0/24').containsIP('192.168.0.7') && cidr('192.168.0.0/16').containsCIDR(cidr('192.168.1.0/24'))`, true],
    [`string(cidr('192.168.1.7/24').masked()) + string(cidr('fd00::1/64').ip())`, '192.168.1.0/24fd00::1'],
    [`cidr('10.0.0.0/8').prefixLength()`, 8],
    [`format.dns1123Label().validate('a-b')`, 'none'],
    [`format.named('dns1123Label').value().validate('A').hasValue()`, true],
    [`format.named('nothing')`, 'none'],
    [`semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-alpha').compareTo(semver('1.0.0')) < 0`, true],
    [`semver('v1.0', true).major() == 1 && !isSemver('v1.0')`, true],
  ],
  'types and conversions': [
    [`type(1) == int && type('a') == string && type([]) == list && type(1u) == uint`, true],
    [`type(timestamp('2024-01-01T00:00:00Z')) == google.protobuf.Timestamp`, true],
    [`int('42') + int(3.9) + int(2u)`, 47],
    [`string(1.0) + string(1e21) + string(true) + string(0.5)`, '11e+21true0.5'],
    [`double('1.5') + double(1)`, 2.5],
    [`bool('true') && !bool('0')`, true],
    [`int('a')`, `error: type conversion error from string to int: parsing "a": invalid syntax`],
    [`null == null && dyn(null) != dyn(1)`, true],
  ],
  'what does not make sense': [
    [
      '1 +',
      "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
    ['1 1', "ERROR: <input>:1:3: Syntax error: extraneous input '1' expecting <EOF>"],
    ['a.b', "ERROR: <input>:1:1: undeclared reference to 'a' (in container '')"],
    ['foo(1)', "ERROR: <input>:1:4: undeclared reference to 'foo' (in container '')"],
    [`1 + 'a'`, "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'"],
    [`'a'.startsWith(1)`, "ERROR: <input>:1:15: found no matching overload for 'startsWith' applied to 'string.(int)'"],
    [`[1, 'a']`, "ERROR: <input>:1:5: expected type 'int' but found 'string'"],
    ['1.all(i, true)', "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"],
    ['let', 'ERROR: <input>:1:1: reserved identifier: let'],
    ['has(x)', 'ERROR: <input>:1:5: invalid argument to has() macro'],
    [`x + 'a'`, 'error: no such overload'],
    ['"a', `ERROR: <input>:1:1: Syntax error: token recognition error at: '"a'`],
    ['1 # 2', "ERROR: <input>:1:3: Syntax error: token recognition error at: '#'"],
  ],
}

describe.each(Object.entries(facts))('%s', (_, cases) => {
  it.each(cases)('%s', (source, wanted) => expect(result(source)).toEqual(wanted))
})

it('whatever an expression does, it ends when it has cost what it may', () => {
  const list = new CelList(Array.from({ length: 300 }, (_, index) => BigInt(index)))
  expect(() => result('x.all(a, x.all(b, x.all(c, a + b + c >= 0)))', list)).toThrow(OutOfBudget)
})
