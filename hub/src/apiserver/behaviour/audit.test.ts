import type { User } from '@bramble/shared/api/api-request.ts'
import { describe, expect, it } from 'vitest'
import type { Policy } from '../audit/policy.ts'
import { hubParts, overLoopback } from '../authz/hub-parts.ts'
import { anonymous } from '../authn/client-certificate.ts'
import { admin, configMap, createTestApi, type Json, nodeUser, pod } from '../testing/api.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'
const secrets = '/api/v1/namespaces/default/secrets'
const jo: User = { name: 'jo', uid: '7', groups: ['house', 'system:authenticated'], extra: { door: ['front'] } }

/** `told` gives what has been written since it was last asked, but for the asking. */
async function room(policy?: Policy) {
  const lines: string[] = []
  const sink = { name: 'test', take: (text: string) => lines.push(text) > 0 }
  const api = await createTestApi({ audit: { policy, sinks: [sink] } })
  const told = (): Json[] => lines.splice(0).map((line) => JSON.parse(line))
  told()
  return { ...api, told, lines }
}
const everything = (rest: Partial<Policy> = {}): Policy => ({ rules: [{ level: 'Metadata' }], ...rest })

describe('an Event says', () => {
  it('who did what to which object, when, by what right and with what result', async () => {
    const { json, told, bind } = await room()
    await bind('cluster-admin', { kind: 'Group', name: 'house' })
    told()
    const { headers } = await json('POST', `${configMaps}?fieldManager=me`, {
      ...{ user: jo, body: configMap('a'), userAgent: 'kubectl/v1' },
      headers: { 'x-forwarded-for': '198.51.100.7, nonsense, ::ffff:10.0.0.1' },
      caller: { user: jo, account: { of: 'others', name: 'jo' }, address: '::ffff:192.0.2.1' },
    })
    const [event, ...more] = told()
    expect(more).toEqual([])
    expect(Object.keys(event)).toEqual([
      ...['kind', 'apiVersion', 'level', 'auditID', 'stage', 'requestURI', 'verb', 'user', 'sourceIPs', 'userAgent', 'objectRef'],
      ...['responseStatus', 'requestReceivedTimestamp', 'stageTimestamp', 'annotations'],
    ])
    expect(event).toEqual({
      ...{ kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata', auditID: headers['audit-id'], stage: 'ResponseComplete' },
      ...{ requestURI: `${configMaps}?fieldManager=me`, verb: 'create', userAgent: 'kubectl/v1' },
      user: { username: 'jo', uid: '7', groups: jo.groups, extra: { door: ['front'] } },
      sourceIPs: ['198.51.100.7', '10.0.0.1', '192.0.2.1'],
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      requestReceivedTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      stageTimestamp: expect.stringMatching(/\.\d{6}Z$/),
      annotations: {
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason': expect.stringMatching(
          /^RBAC: allowed by ClusterRoleBinding "test-\w+" of ClusterRole "cluster-admin" to Group "house"$/,
        ),
      },
    })
  })

  it('which state of an object was meant, where its sender says so', async () => {
    const { json, told } = await room()
    const { body } = await json('POST', configMaps, { body: configMap('a') })
    await json('PUT', `${configMaps}/a`, { body })
    const { uid, resourceVersion } = body.metadata
    expect(told()[1].objectRef).toEqual({
      ...{ resource: 'configmaps', namespace: 'default', name: 'a', uid, apiVersion: 'v1', resourceVersion },
    })
  })

  it('why somebody was turned away', async () => {
    const { json, told } = await room()
    await json('DELETE', `${configMaps}/a`, { user: jo })
    await json('POST', configMaps, { body: configMap('a'), user: anonymous })
    await json('DELETE', `${configMaps}/none`)
    const [forbidden, unknown, missing] = told()
    expect(forbidden).toMatchObject({
      verb: 'delete',
      responseStatus: {
        ...{ status: 'Failure', reason: 'Forbidden', code: 403, message: expect.stringContaining('User "jo" cannot delete') },
        details: { name: 'a', kind: 'configmaps' },
      },
      annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' },
    })
    expect(unknown).toMatchObject({ user: { username: 'system:anonymous' }, responseStatus: { code: 401 } })
    expect(unknown.annotations).toBeUndefined()
    expect(missing).toMatchObject({ responseStatus: { code: 404, reason: 'NotFound' } })
  })

  it('whom somebody wanted to be taken for, beside who he is', async () => {
    const { json, told } = await room()
    const headers = { 'impersonate-user': 'jo', 'impersonate-group': 'house' }
    await json('POST', configMaps, { body: configMap('a'), headers })
    await json('POST', configMaps, { body: configMap('a'), user: jo, headers: { 'impersonate-user': 'someone' } })
    const [taken, refused] = told()
    expect(taken).toMatchObject({
      user: { username: admin.name },
      impersonatedUser: { username: 'jo', groups: ['house', 'system:authenticated'] },
      responseStatus: { code: 403 },
    })
    expect(refused).toMatchObject({ user: { username: 'jo' }, responseStatus: { code: 403 } })
    expect(refused.impersonatedUser).toBeUndefined()
    expect(refused.annotations).toBeUndefined()
  })
})

describe('the stages of a request', () => {
  it('of a watch are when it came, when it was begun and when it was over', async () => {
    const { ask, json, told } = await room(everything())
    await json('POST', configMaps, { body: configMap('a') })
    told()
    const answer = await ask('GET', `${configMaps}?watch=true`)
    if (answer.type !== 'events') throw new Error(answer.type)
    expect(told().map(({ stage, responseStatus }) => [stage, responseStatus?.code])).toEqual([
      ['RequestReceived', undefined],
      ['ResponseStarted', 200],
    ])
    const events = answer.events[Symbol.asyncIterator]()
    await events.next()
    expect(told()).toEqual([])
    await events.return?.()
    await events.return?.()
    expect(told().map(({ stage, verb }) => [stage, verb])).toEqual([['ResponseComplete', 'watch']])
  })

  it('are left out as the policy and its rules say', async () => {
    const policy = everything({
      omitStages: ['RequestReceived'],
      rules: [{ level: 'Metadata', verbs: ['list'], omitStages: ['ResponseComplete'] }, { level: 'Metadata' }],
    })
    const { json, told } = await room(policy)
    await json('GET', configMaps)
    expect(told()).toEqual([])
    await json('GET', `${configMaps}/a`)
    expect(told().map(({ stage }) => stage)).toEqual(['ResponseComplete'])
  })

  it('end with Panic when a handler breaks', async () => {
    const { json, told } = await room(everything())
    const url = '/api/v1/namespaces/default/pods/a/log'
    await json('POST', '/api/v1/namespaces/default/pods', { body: pod('a', { nodeName: 'pi' }) })
    told()
    const { code } = await json('GET', url) // this test has no nodes, which throws what no handler may
    expect(code).toBe(500)
    expect(told().map(({ stage, responseStatus }) => [stage, responseStatus?.code, responseStatus?.message])).toEqual([
      ['RequestReceived', undefined, undefined],
      ['Panic', 500, "APIServer panic'd: this test has no nodes"],
    ])
  })
})

describe('without a policy', () => {
  it('changes are told of, and reading what is no secret is not', async () => {
    const { ask, json, told } = await room()
    await json('GET', configMaps)
    await json('GET', `${configMaps}/a`)
    await json('GET', '/version')
    await ask('GET', '/healthz', { user: anonymous })
    await json('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      body: { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } },
    })
    await json('POST', '/api/v1/namespaces/default/events', {
      body: { metadata: { name: 'e' }, involvedObject: { namespace: 'default' }, reason: 'x', message: 'y' },
    })
    expect(told()).toEqual([])
    await json('PATCH', `${configMaps}/a`, { body: { data: { a: 'b' } }, contentType: 'application/merge-patch+json' })
    await json('GET', secrets)
    await json('GET', `${secrets}/a`, { user: jo })
    await json('GET', '/logs/audit', { user: jo })
    expect(told().map(({ verb, level, responseStatus: { code } }) => `${verb} ${level} ${code}`)).toEqual([
      'patch Metadata 404',
      'list Metadata 200',
      'get Metadata 403',
      'get Metadata 403',
    ])
  })

  it('no body is written, of a Secret least of all', async () => {
    const { json, lines } = await room()
    await json('POST', secrets, { body: { metadata: { name: 'a' }, stringData: { password: 'hunter2' } } })
    await json('GET', `${secrets}/a`)
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(line).not.toMatch(/hunter2|aHVudGVyMg|requestObject|responseObject/)
  })

  it("nothing is told of the hub's own parts, nor of how nodes are", async () => {
    const { json, told } = await room()
    await json('POST', secrets, { body: { metadata: { name: 'a' } }, caller: overLoopback(hubParts.apiserver.user) })
    const node = nodeUser('pi')
    await json('POST', '/api/v1/nodes', { user: node, body: { metadata: { name: 'pi' } } })
    await json('PUT', '/api/v1/nodes/pi/status', { user: node, body: { metadata: { name: 'pi' }, status: {} } })
    await json('GET', '/api/v1/nodes', { user: node })
    expect(told()).toEqual([])
    await json('DELETE', `${configMaps}/a`, { user: node })
    expect(told()).toMatchObject([{ user: { username: 'system:node:pi' }, responseStatus: { code: 403 } }])
  })
})

it('a policy that names them has the parts of the hub written down as well, without an address', async () => {
  const { json, told } = await room(everything({ omitStages: ['RequestReceived'] }))
  await json('GET', configMaps, { caller: overLoopback(hubParts.scheduler.user) })
  const [event] = told()
  expect(event.user.username).toBe('system:kube-scheduler')
  expect(event.sourceIPs).toBeUndefined()
})
