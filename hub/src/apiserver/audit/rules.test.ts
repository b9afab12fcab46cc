import { describe, expect, it } from 'vitest'
import { requestInfo } from '../query/request-info.ts'
import { policyOf, type PolicyRule } from './policy.ts'
import { createRules } from './rules.ts'
import type { Method } from '@bramble/shared/api/api-request.ts'

const jo = { name: 'jo', groups: ['house', 'system:authenticated'] }
const asked = (text: string, user: typeof jo | undefined = jo) => {
  const [method = '', url = ''] = text.split(' ')
  const [path = '', query = ''] = url.split('?')
  return { user, info: requestInfo(method as Method, path, new URLSearchParams(query)) }
}
const levelOf = (rule: Partial<PolicyRule>, text: string, user?: typeof jo) =>
  createRules({ rules: [{ level: 'Request', ...rule }] })(asked(text, user)).level

describe('a rule', () => {
  const pods = 'GET /api/v1/namespaces/a/pods/p'
  const log = `${pods}/log`
  const of = (...resources: string[]) => ({ resources: [{ group: '', resources }] })
  const cases: readonly [string, Partial<PolicyRule>, string, boolean][] = [
    ['without words is about everything', {}, pods, true],
    ['with empty lists is about everything', { users: [], verbs: [], resources: [], nonResourceURLs: [] }, pods, true],
    ['is about a user', { users: ['jo'] }, pods, true],
    ['is not about another user', { users: ['jim'] }, pods, false],
    ['is about a group', { userGroups: ['x', 'house'] }, pods, true],
    ['asks for user and group', { users: ['jo'], userGroups: ['x'] }, pods, false],
    ['is about a verb', { verbs: ['get'] }, pods, true],
    ['is not about another verb', { verbs: ['list'] }, pods, false],
    ['knows lists from gets', { verbs: ['list'] }, 'GET /api/v1/pods', true],
    ['is about a resource', of('pods'), pods, true],
    ['is not about its parts', of('pods'), log, false],
    ['is about a part', of('pods/log'), log, true],
    ['is about a part of anything', of('*/log'), log, true],
    ['is about all parts, and the resource', of('pods/*'), log, true],
    ['is about the resource with all its parts', of('pods/*'), pods, true],
    ['is about all resources and parts', of('*'), log, true],
    ['is about a whole group', { resources: [{ group: '' }] }, log, true],
    ['is not about another group', { resources: [{ group: 'apps' }] }, pods, false],
    ['is about an object', { resources: [{ group: '', resources: ['pods'], resourceNames: ['p'] }] }, pods, true],
    ['is not about another object', { resources: [{ group: '', resources: ['pods'], resourceNames: ['q'] }] }, pods, false],
    ['is about a namespace', { namespaces: ['a'] }, pods, true],
    ['is not about another namespace', { namespaces: ['b'] }, pods, false],
    ['is about what has no namespace', { namespaces: [''] }, 'GET /api/v1/nodes', true],
    ['about namespaces is about no path', { namespaces: [''] }, 'GET /version', false],
    ['is about a path', { nonResourceURLs: ['/version'] }, 'GET /version', true],
    ['is about what begins so', { nonResourceURLs: ['/healthz*'] }, 'GET /healthz/ping', true],
    ['is about all paths', { nonResourceURLs: ['*'] }, 'GET /metrics', true],
    ['about paths is about no resource', { nonResourceURLs: ['*'] }, pods, false],
  ]
  it.each(cases)('%s', (_, rule, text, isMatch) => {
    expect(levelOf(rule, text)).toBe(isMatch ? 'Request' : 'None')
  })

  it('about somebody is not about who is not known, and one about nobody is', () => {
    const isOf = (rule: Partial<PolicyRule>) =>
      createRules({ rules: [{ level: 'Request', ...rule }] })({ ...asked(pods), user: undefined }).level === 'Request'
    expect([isOf({ users: ['jo'] }), isOf({ userGroups: ['house'] }), isOf({})]).toEqual([false, false, true])
  })
})

it('the first rule that matches decides, with what it leaves out beside what all do', () => {
  const extentOf = createRules({
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      { level: 'None', users: ['jim'] },
      { level: 'Metadata', users: ['jo'], omitStages: ['Panic'], omitManagedFields: false },
      { level: 'RequestResponse' },
    ],
  })
  const of = (name: string) => extentOf({ ...asked('GET /api/v1/pods'), user: { name, groups: [] } })
  expect(of('jim').level).toBe('None')
  expect(of('jo')).toEqual({ level: 'Metadata', omits: new Set(['RequestReceived', 'Panic']), omitsManagedFields: false })
  expect(of('ann')).toEqual({ level: 'RequestResponse', omits: new Set(['RequestReceived']), omitsManagedFields: true })
})

describe('a policy file', () => {
  const head = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy' }
  const read = (policy: object | string) =>
    policyOf(typeof policy === 'string' ? policy : JSON.stringify(policy), { path: 'p.yaml', parse: JSON.parse })
  const rule = (one: object) => ({ ...head, rules: [{ level: 'None' }, { level: 'Metadata', ...one }] })

  it.each([
    ['no text', '{', /audit policy file p\.yaml: .*JSON/],
    ['nothing', 'null', /expected object/],
    ['another kind', { ...head, kind: 'Pod', rules: [{ level: 'None' }] }, /kind: .*"Policy"/],
    ['an old version', { ...head, apiVersion: 'audit.k8s.io/v1beta1', rules: [{ level: 'None' }] }, /apiVersion: .*"audit\.k8s\.io\/v1"/],
    ['no rules', { ...head, rules: [] }, /rules: expected at least one rule/],
    ['no level', { ...head, rules: [{ verbs: ['get'] }] }, /rules\[0\]\.level: /],
    ['an unknown level', rule({ level: 'All' }), /rules\[1\]\.level: .*"None"\|"Metadata"\|"Request"\|"RequestResponse"/],
    ['an unknown word', rule({ user: ['a'] }), /rules\[1\]: .*"user"/],
    ['an unknown stage', rule({ omitStages: ['Done'] }), /rules\[1\]\.omitStages\[0\]: /],
    ['a path that is none', rule({ nonResourceURLs: ['healthz'] }), /rules\[1\]\.nonResourceURLs\[0\]: .*must begin with a '\/' character/],
    ['a star in the middle', rule({ nonResourceURLs: ['/a*/b'] }), /nonResourceURLs\[0\]: .*must be the final character of the rule/],
    [
      'paths and resources',
      rule({ nonResourceURLs: ['/a'], namespaces: ['b'] }),
      /rules\[1\]\.nonResourceURLs: rules cannot apply to both/,
    ],
    [
      'names without resources',
      rule({ resources: [{ group: '', resourceNames: ['a'] }] }),
      /resources\[0\]\.resourceNames: .*requires at least one/,
    ],
  ])('with %s is refused, naming the field', (_, policy, message) => {
    expect(() => read(policy)).toThrow(message)
  })

  it('with a million rules or bytes is refused before they are looked at', () => {
    const rules = Array.from({ length: 30_000 }, () => ({ level: 'None' }))
    expect(() => read({ ...head, rules })).toThrow(/rules: expected at most 1000 rules/)
    expect(() => read({ ...head, rules: Array.from({ length: 1_000_000 }, () => ({ level: 'None' })) })).toThrow(/at most 1048576 bytes/)
  })
})
