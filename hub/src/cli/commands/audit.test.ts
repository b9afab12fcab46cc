import { expect, it } from 'vitest'
import { auditTable } from './audit.ts'

const event = (rest: object) =>
  JSON.stringify({ stageTimestamp: '2026-11-28T07:30:00.123456Z', verb: 'create', requestURI: '/x', user: { username: 'jo' }, ...rest })

it('a line tells when, who, what and with what result', () => {
  const lines = [
    event({ objectRef: { resource: 'pods', subresource: 'exec', namespace: 'default', name: 'web' }, responseStatus: { code: 101 } }),
    event({ user: {}, verb: 'get', responseStatus: { code: 401 } }),
    event({ impersonatedUser: { username: 'ann' }, objectRef: { resource: 'nodes', name: 'pi' } }),
  ]
  expect(
    auditTable(`${lines.join('\n')}\n`)
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual([
    'TIME                  USER         VERB    RESOURCE   NAME         CODE',
    '2026-11-28T07:30:00Z  jo           create  pods/exec  default/web  101',
    '2026-11-28T07:30:00Z  <unknown>    get     /x                      401',
    '2026-11-28T07:30:00Z  jo (as ann)  create  nodes      pi',
    '',
  ])
  expect(auditTable('')).toMatch(/^TIME/)
})

it('what somebody has called himself moves no cursor', () => {
  expect(auditTable(event({ user: { username: '\u001b[2J\nroot\u202e' } }))).toContain('?[2J?root?')
})
