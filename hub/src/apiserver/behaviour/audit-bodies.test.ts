import { describe, expect, it } from 'vitest'
import type { Level, Policy } from '../audit/policy.ts'
import { configMap, createTestApi, type Json } from '../testing/api.ts'
import { turnedAway } from '../audit/at-door.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'

async function room(level: Level, rest: Partial<Policy> = {}, sinks = [] as { name: string; take(text: string): boolean }[]) {
  const lines: string[] = []
  const sink = { name: 'test', take: (text: string) => lines.push(text) > 0 }
  const policy: Policy = { omitStages: ['RequestReceived'], rules: [{ level }], ...rest }
  const api = await createTestApi({ audit: { policy, sinks: [sink, ...sinks] } })
  lines.length = 0
  return { ...api, lines, told: (): Json[] => lines.splice(0).map((line) => JSON.parse(line)) }
}

describe('at the level', () => {
  it('Request what was asked is written and what was answered is not', async () => {
    const { json, told } = await room('Request')
    await json('POST', configMaps, { body: `kind: ConfigMap\nmetadata:\n  name: a\n`, contentType: 'application/yaml' })
    const body = { data: { a: 'b' } }
    await json('PATCH', `${configMaps}/a`, { body, contentType: 'application/merge-patch+json' })
    await json('DELETE', `${configMaps}/a`, { body: { gracePeriodSeconds: 0 } })
    const events = told()
    expect(events.map(({ requestObject }) => requestObject)).toEqual([
      { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } },
      body,
      { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 },
    ])
    for (const event of events) expect(event.responseObject).toBeUndefined()
  })

  it('RequestResponse both are, in JSON whatever their reader gets, and of a Secret too when a policy says so', async () => {
    const { json, ask, told } = await room('RequestResponse')
    const body = { metadata: { name: 'a' }, stringData: { password: 'hunter2' } }
    await json('POST', '/api/v1/namespaces/default/secrets', { body })
    await ask('GET', '/api/v1/namespaces/default/secrets/a', { accept: 'application/vnd.kubernetes.protobuf' })
    await json('GET', `${configMaps}/none`)
    const [made, read, missing] = told()
    expect(made.requestObject.stringData).toEqual({ password: 'hunter2' })
    expect(made.responseObject).toMatchObject({ kind: 'Secret', data: { password: 'aHVudGVyMg==' } })
    expect(read.responseObject).toMatchObject({ kind: 'Secret', metadata: { name: 'a' } })
    expect(missing.responseObject).toMatchObject({ kind: 'Status', code: 404 })
  })

  it('RequestResponse who owns which field is left out where the policy says so, of each in a list', async () => {
    for (const omitManagedFields of [true, false]) {
      const { json, told } = await room('RequestResponse', { omitManagedFields })
      await json('POST', `${configMaps}?fieldManager=me`, { body: configMap('a', { is: 'owned' }) })
      await json('GET', `${configMaps}/a`)
      const owned = told().map(({ responseObject }) => 'managedFields' in responseObject.metadata)
      expect(owned).toEqual([!omitManagedFields, !omitManagedFields])
    }
  })
})

describe('whatever a sender puts into it, an Event is one line and bounded', () => {
  it('a long body is left out, and that is said', async () => {
    const { json, told, lines } = await room('RequestResponse')
    await json('POST', configMaps, { body: configMap('a', { text: 'x'.repeat(200_000) }) })
    expect(lines[0]?.length).toBeLessThan(5000)
    const [event] = told()
    expect(event.annotations['audit.k8s.io/truncated']).toBe('true')
    expect(event.objectRef.name).toBe('a')
    expect('requestObject' in event || 'responseObject' in event).toBe(false)
  })

  it('a user agent is cut, and a name of the request that is none is not repeated', async () => {
    const { json, told } = await room('Metadata')
    const headers = { 'audit-id': 'a'.repeat(1_000_000) }
    const answer = await json('GET', configMaps, { userAgent: 'x'.repeat(1_000_000), headers })
    const [event] = told()
    expect(event.userAgent).toBe(`${'x'.repeat(1024)}...TRUNCATED`)
    expect(event.auditID).toMatch(/^[-0-9a-f]{36}$/)
    expect(answer.headers['audit-id']).toBe(event.auditID)
    await json('GET', configMaps, { headers: { 'audit-id': 'my-own-1' } })
    expect(told()[0].auditID).toBe('my-own-1')
  })

  it('line breaks stay inside', async () => {
    const { json, lines } = await room('RequestResponse')
    const evil = 'a\n{"kind":"Event","verb":"forged"}\r\u2028'
    const user = { name: evil, groups: ['system:masters', 'system:authenticated', evil] }
    await json('POST', `${configMaps}?x=${encodeURIComponent(evil)}`, { user, userAgent: evil, body: configMap('a', { text: evil }) })
    await json('GET', `/${encodeURIComponent(evil)}`, { user, headers: { 'x-forwarded-for': evil } })
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(line).not.toMatch(/[\n\r]/)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ verb: 'create', user: { username: evil }, userAgent: evil })
  })

  it('a path and a status without end are cut as well', async () => {
    const { json, lines } = await room('Metadata')
    await json('DELETE', `${configMaps}/${'x'.repeat(300_000)}`)
    expect(lines[0]?.length).toBeLessThan(110 * 1024)
    expect(() => JSON.parse(lines[0] ?? '')).not.toThrow()
  })
})

it('what policies note stands in the annotations', async () => {
  const { json, told } = await room('Metadata')
  const group = '/apis/admissionregistration.k8s.io/v1'
  const made = await json('POST', `${group}/validatingadmissionpolicies`, {
    body: {
      metadata: { name: 'p' },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
        },
        validations: [{ expression: 'false', message: 'not so' }],
        auditAnnotations: [{ key: 'seen', valueExpression: "'it was ' + object.metadata.name" }],
      },
    },
  })
  expect(made.code).toBe(201)
  await json('POST', `${group}/validatingadmissionpolicybindings`, {
    body: { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Audit'] } },
  })
  told()
  expect((await json('POST', configMaps, { body: configMap('a') })).code).toBe(201)
  const [{ annotations }] = told()
  expect(annotations['p/seen']).toBe('it was a')
  expect(JSON.parse(annotations['validation.policy.admission.k8s.io/validation_failure'])).toEqual([
    { message: 'not so', policy: 'p', binding: 'b', expressionIndex: '0', validationActions: ['Audit'] },
  ])
})

it('what is made, lost and passed over is counted', async () => {
  const full = { name: 'full', take: () => false }
  const { json, ask } = await room('Metadata', { rules: [{ level: 'None', verbs: ['list'] }, { level: 'Metadata' }] }, [full])
  const numbers = async () => {
    const page = await ask('GET', '/metrics')
    const text = page.type === 'raw' ? String(page.raw) : ''
    return (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
  }
  const before = await numbers()
  await json('GET', configMaps)
  await json('GET', `${configMaps}/a`)
  const after = await numbers()
  const more = (name: string) => after(name) - before(name)
  // With each page that tells it.
  expect(more('apiserver_audit_event_total')).toBe(2)
  expect(more('apiserver_audit_error_total{plugin="full"}'.replace(/[{}]/g, '\\$&'))).toBe(2)
  expect(more('apiserver_audit_level_total\\{level="None"\\}')).toBe(1)
  expect(after('apiserver_audit_requests_rejected_total')).toBe(0)
})

it('who shows what is good for nothing is told of as nobody, and whose request is cut short by name', async () => {
  const { server, told } = await room('Metadata')
  const jo = {
    user: { name: 'jo', groups: ['system:authenticated'] },
    account: { of: 'others', name: 'jo' } as const,
    address: '192.0.2.1',
  }
  const away = { method: 'GET', url: `${configMaps}?limit=1`, headers: { authorization: 'Bearer x' }, caller: jo }
  const answer = turnedAway(server.audit, { ...away, isUnknown: true, error: new ApiError('Unauthorized', 'Unauthorized') })
  turnedAway(server.audit, { ...away, method: 'toString', isUnknown: false, error: new ApiError('BadRequest', 'no') })
  const [unknown, known] = told()
  expect(unknown).toMatchObject({
    ...{ stage: 'ResponseStarted', verb: 'list', auditID: answer.headers?.['audit-id'], requestURI: away.url, user: {} },
    ...{ sourceIPs: ['192.0.2.1'], responseStatus: { message: 'Authentication failed, attempted: bearer', code: 401 } },
  })
  expect(known).toMatchObject({ stage: 'ResponseComplete', user: { username: 'jo' }, responseStatus: { code: 400, message: 'no' } })
})
