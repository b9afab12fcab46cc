import { describe, expect, it } from 'vitest'
import {
  checkDataKey,
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkEnvName,
  checkIp,
  checkLabelValue,
  checkPathSegment,
  checkPortName,
  checkPortNumber,
  checkQualifiedName,
} from './names.ts'

const long = (n: number) => 'a'.repeat(n)

describe('names', () => {
  it.each([
    [checkDnsLabel, ['a', '1a', 'a-b', long(63)], ['', 'A', '-a', 'a-', 'a.b', 'a_b', long(64)]],
    [checkDnsSubdomain, ['a', 'a.b-c.d', '1.2', long(253)], ['', 'a..b', '.a', 'a.', 'a_b', 'A.b', long(254)]],
    [checkDns1035Label, ['a', 'a1-b'], ['1a', '-a', 'a-', 'A']],
    [checkPathSegment, ['a:b', 'System', '...'], ['.', '..', 'a/b', 'a%b']],
    [checkQualifiedName, ['a', 'A_b.c-d', 'example.com/a'], ['', '/a', 'a/', 'A/b', 'a/b/c', '_a', 'a b', long(64)]],
    [checkLabelValue, ['', 'a', 'A_b.c-1', long(63)], ['-a', 'a-', 'a b', 'a/b', long(64)]],
    [checkEnvName, ['A', 'a.b-c', '1', 'x y'], ['', 'a=b', 'é']],
    [checkDataKey, ['a', '.a', 'A_b-c.d', long(253)], ['', '.', '..', '..a', 'a/b', long(254)]],
    [checkPortName, ['http', 'a-1'], ['', 'HTTP', 'a--b', '-a', 'a-', '80', long(16)]],
    [
      checkIp,
      ['10.0.0.1', '::', '::1', '2001:db8::ff', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4'],
      ['', '10.0.0', '10.0.0.256', '010.0.0.1', '1::2::3', '1:2', 'x', ':::'],
    ],
  ])('%O takes what is right and tells what is not', (check, right, wrong) => {
    for (const text of right) expect([text, check(text)]).toEqual([text, []])
    for (const text of wrong) expect([text, check(text).length > 0]).toEqual([text, true])
  })

  it('are explained in the words of Kubernetes', () => {
    expect(checkDnsLabel('My_Pod')).toEqual([
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ])
    expect(checkDnsSubdomain('a_b')).toEqual([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ])
    expect(checkQualifiedName('')).toEqual([
      'name part must be non-empty',
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ])
  })

  it('of ports are numbers from 1 to 65535', () => {
    expect([0, 1, 65_535, 65_536, 1.5].map((port) => checkPortNumber(port).length)).toEqual([1, 0, 0, 1, 1])
  })
})
