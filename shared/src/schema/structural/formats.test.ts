import { expect, it } from 'vitest'
import { formatCheck } from './formats.ts'

it.each<[string, readonly string[], readonly string[]]>([
  ['bsonobjectid', ['507f1f77bcf86cd799439011'], ['507f1f77bcf86cd79943901', 'x07f1f77bcf86cd799439011']],
  ['uri', ['https://a.b/c?d', '/path', 'urn:x'], ['a b', 'relative', '']],
  ['email', ['a@b.c', 'Somebody <a@b.c>'], ['a', 'a@', '@b', 'a b@c', 'a@b@c']],
  ['hostname', ['a', 'a-b.c', 'xn--1', '1.a'], ['-a', 'a-', 'a..b', 'a_b', 'x'.repeat(64), `${'x.'.repeat(130)}x`]],
  ['ipv4', ['10.0.0.1'], ['10.0.0', '::1', '010.0.0.1']],
  ['ipv6', ['::1', 'fe80::1'], ['10.0.0.1', ':::']],
  ['cidr', ['10.0.0.0/8', 'fd00::/64'], ['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/8/8']],
  [
    'mac',
    ['00:1a:2B:3c:4d:5e', '00-1a-2b-3c-4d-5e', '001a.2b3c.4d5e', '00:1a:2b:3c:4d:5e:6f:70'],
    ['00:1a:2b', '00:1a-2b:3c:4d:5e', '0g:1a:2b:3c:4d:5e', '001a2b3c4d5e'],
  ],
  ['uuid', ['2f1b4a3e-0000-4000-8000-00000000000F', '2f1b4a3e00004000800000000000000f'], ['2f1b4a3e']],
  ['uuid3', ['2f1b4a3e-0000-3000-8000-000000000000'], ['2f1b4a3e-0000-4000-8000-000000000000']],
  ['uuid4', ['2f1b4a3e-0000-4000-8000-000000000000'], ['2f1b4a3e-0000-4000-c000-000000000000']],
  ['uuid5', ['2f1b4a3e-0000-5000-8000-000000000000'], ['2f1b4a3e-0000-4000-8000-000000000000']],
  ['isbn', ['0321751043', '978-0321751041'], ['0321751044', '978-0321751042', 'x']],
  ['isbn10', ['0321751043', '080442957X'], ['978-0321751041']],
  ['isbn13', ['978-0321751041'], ['0321751043']],
  ['creditcard', ['4111 1111 1111 1111'], ['4111 1111 1111 1112', '1']],
  ['ssn', ['123-45-6789'], ['123-456-789']],
  ['hexcolor', ['#FFF', 'a1b2c3'], ['#FFFF', 'red']],
  ['rgbcolor', ['rgb(1, 22,255)'], ['rgb(1,2)', 'rgb(1,2,256)']],
  ['byte', ['aGk=', 'aGkh'], ['aGk', '', '=aGk']],
  ['password', ['', 'x'], []],
  ['date', ['2026-11-27', '2024-02-29'], ['27.11.2026', '2026-13-01', '2026-02-30']],
  ['duration', ['1h30m', '1.5s', '-2ms', '22 ns', '2 days', '0', '1w'], ['1', 'x', '1 parsec', '1'.repeat(300)]],
  ['date-time', ['2026-11-27T10:00:00Z', '2026-11-27t10:00:00.5+01:00'], ['2026-11-27', '2026-02-30T10:00:00Z']],
  ['datetime', ['2026-11-27T10:00:00Z'], ['x']],
  ['quantity', ['10Gi', '100m', '1e3'], ['10 Gi', 'x']],
  ['k8s-short-name', ['a-b', '1'], ['A', '-a', 'a.b', 'x'.repeat(64)]],
  ['k8s-long-name', ['a.b-c', 'x'.repeat(100)], ['a..b', 'A.b', '-a.b']],
])('%s', (format, good, bad) => {
  const check = formatCheck(format)
  expect(good.filter((text) => check?.(text) !== true)).toEqual([])
  expect(bad.filter((text) => check?.(text) !== false)).toEqual([])
})

it('any other format says nothing', () => {
  expect(formatCheck('postcode')).toBeUndefined()
})
