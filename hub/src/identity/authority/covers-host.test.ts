import { expect, it } from 'vitest'
import { coversHost } from './covers-host.ts'

it.each([
  ['hub.local', 'hub.local', true],
  ['HUB.local.', 'hub.local', true],
  ['*.local', 'hub.local', true],
  ['*.LOCAL.', 'Hub.local', true],
  ['*.local', 'a.hub.local', false],
  ['*.local', 'local', false],
  ['*.0.0.1', '10.0.0.1', false],
  ['h*.local', 'hub.local', false],
  ['hub', 'hub.local', false],
  ['10.43.0.1', '10.43.0.1', true],
  ['::ffff:10.43.0.1', '10.43.0.1', true],
  ['fd00:0:0::1', 'fd00::1', true],
  ['FD00::1', 'fd00::0001', true],
  ['fd00::2', 'fd00::1', false],
])('a certificate for %s serves under %s: %s', (name, host, expected) => {
  expect(coversHost(name, host)).toBe(expected)
})
