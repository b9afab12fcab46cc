import { describe, expect, it } from 'vitest'
import { binding, bindingsAt, policiesAt, policy } from '../../testing/admission-policy.ts'
import { rule } from '../../testing/admission-webhook.ts'
import { configMap, createTestApi, nodeUser, pod } from '../../testing/api.ts'

const maps = '/api/v1/namespaces/default/configmaps'

/** With a policy that is bound. */
async function apiWith(spec: object, bound: object = {}) {
  const api = await createTestApi()
  const make = async (url: string, body: object) => {
    const { code, body: answer } = await api.json('POST', url, { body })
    expect(code, JSON.stringify(answer)).toBe(201)
  }
  await make(policiesAt(), policy('p', spec))
  await make(bindingsAt(), binding('p', bound))
  const create = (name: string, data: Record<string, string> = {}, metadata: Record<string, unknown> = {}) =>
    api.json('POST', maps, { body: configMap(name, data, metadata) })
  const told = async (...given: Parameters<typeof create>) => {
    const { code, body } = await create(...given)
    return [code, body.reason, body.message]
  }
  return { ...api, make, create, told }
}

const denied = (message: string, name = 'x', code = 422, reason = 'Invalid') => [
  code,
  reason,
  `configmaps "${name}" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p-binding' denied request: ${message}`,
]
const passes = [201, undefined, undefined]

describe('a validation that does not hold', () => {
  it.each<[string, object, readonly unknown[]]>([
    ['is told by its expression', {}, denied("failed expression: object.data.a == '1'")],
    ['or by its message', { message: ' no one ' }, denied('no one')],
    ['or by its own words', { message: 'no', messageExpression: "'found ' + object.data.a" }, denied('found 2')],
    ['but not by words that fail', { message: 'no', messageExpression: "'' + object.data.b" }, denied('no')],
    ['nor by an empty one', { message: 'no', messageExpression: "'  '" }, denied('no')],
    ['nor by more than a line', { messageExpression: "'a\\nb'", message: 'no' }, denied('no')],
    ['with the code of its reason', { message: 'no', reason: 'Forbidden' }, denied('no', 'x', 403, 'Forbidden')],
    ['or that of another', { message: 'no', reason: 'RequestEntityTooLarge' }, denied('no', 'x', 413, 'RequestEntityTooLarge')],
  ])('%s', async (_how, more, message) => {
    const { told, create } = await apiWith({ validations: [{ expression: "object.data.a == '1'", ...more }] })
    expect(await told('x', { a: '2' })).toEqual(message)
    expect(await told('y', { a: '1' })).toEqual(passes)
    const { body } = await create('x', { a: '2' })
    expect(body.details).toMatchObject({
      name: 'x',
      kind: 'configmaps',
      causes: [{ message: String(message[2]).replace('configmaps "x" is forbidden: ', '') }],
    })
  })

  it('is warned of, or noted, where its binding does not refuse', async () => {
    const validations = [{ expression: 'has(object.data.a)', message: 'no a' }]
    const { create } = await apiWith({ validations }, { validationActions: ['Warn', 'Audit'] })
    const { code, headers } = await create('x', { b: '1' })
    expect([code, headers['warning']]).toEqual([
      201,
      `299 - "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-binding': no a"`,
    ])
  })

  it('holds for nobody without a binding, and for everybody with the next one', async () => {
    const { told, json, make } = await apiWith({ validations: [{ expression: 'false' }] })
    expect((await told('x'))[0]).toBe(422)
    await json('DELETE', bindingsAt('p-binding'))
    expect(await told('x')).toEqual(passes)
    await make(bindingsAt(), binding('p'))
    expect((await told('y'))[0]).toBe(422)
    await json('DELETE', policiesAt('p'))
    expect(await told('y')).toEqual(passes)
  })
})

describe('an expression that fails', () => {
  const broken = { validations: [{ expression: 'object.data.a.b.c == 1' }] }
  it('refuses or is passed by, as the failure policy says', async () => {
    const fail = await apiWith(broken)
    expect(await fail.told('x', { a: '1' })).toEqual(denied("expression 'object.data.a.b.c == 1' resulted in error: no such overload"))
    const ignore = await apiWith({ ...broken, failurePolicy: 'Ignore' })
    expect(await ignore.told('x', { a: '1' })).toEqual(passes)
  })

  it('because it costs too much ends there, and the hub goes on', async () => {
    const loops =
      "object.metadata.annotations.all(a, object.metadata.annotations.all(b, object.metadata.annotations.all(c, a + b + c != 'x')))"
    const { told } = await apiWith({ validations: [{ expression: loops }] })
    const annotations = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`a${i}`, 'x'.repeat(100)]))
    expect(await told('x', {}, { annotations })).toEqual(
      denied(`expression '${loops}' resulted in error: operation cancelled: actual cost limit exceeded`),
    )
  })

  it('together with others costs no more than a policy may', async () => {
    const loops = 'object.metadata.annotations.all(a, object.metadata.annotations.all(b, size(a + b) > 0))'
    const { told } = await apiWith({ validations: Array.from({ length: 60 }, () => ({ expression: loops })) })
    const annotations = Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`a${i}`, 'x']))
    expect(await told('x', {}, { annotations })).toEqual(
      denied('validation failed due to running out of cost budget, no further validation rules will be run'),
    )
  })
})

describe('what an expression sees', () => {
  it.each<[string, string]>([
    ['the object', "object.metadata.name == 'x' && object.kind == 'ConfigMap' && object.apiVersion == 'v1' && object.data['a'] == '1'"],
    ['none that was before', 'oldObject == null'],
    [
      'the request',
      "request.operation == 'CREATE' && request.resource.resource == 'configmaps' && request.namespace == 'default' && request.name == 'x'",
    ],
    ['who asks', "request.userInfo.username == 'bramble:admin' && 'system:masters' in request.userInfo.groups"],
    ['how', "request.options.kind == 'CreateOptions' && !request.dryRun && !has(request.subResource)"],
    [
      'its namespace',
      "namespaceObject.metadata.name == 'default' && namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'default' && namespaceObject.status.phase == 'Active'",
    ],
    [
      'what who asks may do',
      "authorizer.group('').resource('secrets').namespace('default').check('create').allowed() && authorizer.requestResource.check('delete').allowed()",
    ],
    [
      'what another may do',
      "!authorizer.serviceAccount('default', 'nobody').group('').resource('secrets').namespace('default').check('create').allowed()",
    ],
    ['variables, of which each sees those before', "variables.b == '1!' && size(variables.list) == 2"],
  ])('%s', async (_what, expression) => {
    const variables = [
      { name: 'a', expression: 'object.data.a' },
      { name: 'b', expression: "variables.a + '!'" },
      { name: 'list', expression: '[variables.a, variables.b]' },
      { name: 'never', expression: 'object.nothing.of.this' },
    ]
    const { told } = await apiWith({ variables, validations: [{ expression }] })
    expect(await told('x', { a: '1' })).toEqual(passes)
  })

  it('a variable that fails is told by its name', async () => {
    const { told } = await apiWith({
      variables: [{ name: 'a', expression: 'object.nothing' }],
      validations: [{ expression: 'variables.a == 1' }],
    })
    expect(await told('x')).toEqual(
      denied(`expression 'variables.a == 1' resulted in error: composited variable "a" fails to evaluate: no such key: nothing`),
    )
  })

  it('both objects of an update, and the old one alone of a deletion', async () => {
    const { json, create } = await apiWith({
      matchConstraints: { resourceRules: [rule('configmaps', ['UPDATE', 'DELETE'])] },
      validations: [
        { expression: "request.operation == 'DELETE' ? object == null && oldObject.data.a == '1' : object.data.a == oldObject.data.a" },
      ],
    })
    await create('x', { a: '1' })
    expect((await json('PUT', `${maps}/x`, { body: configMap('x', { a: '2' }) })).code).toBe(422)
    expect((await json('PUT', `${maps}/x`, { body: configMap('x', { a: '1', b: '2' }) })).code).toBe(200)
    expect((await json('DELETE', `${maps}/x`)).code).toBe(200)
  })
})

describe('to whom a policy applies', () => {
  const never = { validations: [{ expression: 'false', message: 'no' }] }
  it.each<[string, object, object, number]>([
    ['by the names of objects', { matchConstraints: { resourceRules: [{ ...rule('configmaps'), resourceNames: ['x'] }] } }, {}, 422],
    ['not by others', { matchConstraints: { resourceRules: [{ ...rule('configmaps'), resourceNames: ['y'] }] } }, {}, 201],
    [
      'but for those left out',
      {
        matchConstraints: { resourceRules: [rule('configmaps')], excludeResourceRules: [{ ...rule('configmaps'), resourceNames: ['x'] }] },
      },
      {},
      201,
    ],
    ['by a condition', { matchConditions: [{ name: 'a', expression: "object.metadata.name == 'y'" }] }, {}, 201],
    ['by what its binding says', {}, { matchResources: { objectSelector: { matchLabels: { a: 'b' } } } }, 201],
    [
      'by the labels of the namespace',
      {},
      { matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } } },
      422,
    ],
  ])('%s', async (_how, spec, bound, code) => {
    const { told } = await apiWith({ ...never, ...spec }, bound)
    expect((await told('x'))[0]).toBe(code)
  })

  it('a condition that fails refuses as any expression', async () => {
    const { told } = await apiWith({ ...never, matchConditions: [{ name: 'a', expression: 'object.nothing == 1' }] })
    expect(await told('x')).toEqual(denied(`expression 'object.nothing == 1' resulted in error: no such key: nothing`))
  })

  it('nodes and the subresources of their pods as everybody', async () => {
    const { json } = await apiWith({
      matchConstraints: { resourceRules: [rule('pods/status')] },
      validations: [{ expression: "request.userInfo.username.startsWith('system:node:')" }],
    })
    await json('POST', '/api/v1/namespaces/default/pods', { body: pod('a', { nodeName: 'n' }) })
    const patch = { body: { status: { phase: 'Running' } }, contentType: 'application/merge-patch+json' }
    expect((await json('PATCH', '/api/v1/namespaces/default/pods/a/status', patch)).code).toBe(422)
    expect((await json('PATCH', '/api/v1/namespaces/default/pods/a/status', { ...patch, user: nodeUser('n') })).code).toBe(200)
  })
})

describe('parameters', () => {
  const spec = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConstraints: { resourceRules: [rule('secrets')] },
    validations: [
      {
        expression: 'params == null || object.metadata.name.startsWith(params.data.prefix)',
        messageExpression: "'must start with ' + params.data.prefix",
      },
    ],
  }
  const secrets = '/api/v1/namespaces/default/secrets'
  const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } })
  const ref = (more: object) => ({ paramRef: { parameterNotFoundAction: 'Deny', ...more } })

  it('are read where the object is, or where the binding says, and at once as they are written', async () => {
    const { json, create, make } = await apiWith(spec, ref({ name: 'limits' }))
    const code = async (name: string) => (await json('POST', secrets, { body: secret(name) })).body
    expect((await code('a-1')).message).toBe(
      `secrets "a-1" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p-binding' denied request: failed to configure binding: no params found for policy binding with \`Deny\` parameterNotFoundAction`,
    )
    await create('limits', { prefix: 'a-' })
    expect((await code('b-1')).message).toContain('denied request: must start with a-')
    expect((await code('a-1')).kind).toBe('Secret')
    await json('PATCH', `${maps}/limits`, { body: { data: { prefix: 'b-' } }, contentType: 'application/merge-patch+json' })
    expect((await code('b-1')).kind).toBe('Secret')
    await make('/api/v1/namespaces/kube-system/configmaps', configMap('limits', { prefix: 'k-' }))
    await json('PATCH', bindingsAt('p-binding'), {
      body: { spec: { paramRef: { namespace: 'kube-system' } } },
      contentType: 'application/merge-patch+json',
    })
    expect((await code('b-2')).message).toContain('must start with k-')
  })

  it('may be many, of which each is asked, or none, where that is allowed', async () => {
    const { json, create } = await apiWith(spec, ref({ selector: { matchLabels: { limits: 'yes' } }, parameterNotFoundAction: 'Allow' }))
    const code = async (name: string) => (await json('POST', secrets, { body: secret(name) })).code
    expect(await code('a-1')).toBe(201)
    await create('one', { prefix: 'a' }, { labels: { limits: 'yes' } })
    await create('two', { prefix: 'a-' }, { labels: { limits: 'yes' } })
    await create('three', { prefix: 'b' }, { labels: { limits: 'no' } })
    expect([await code('a2'), await code('a-2')]).toEqual([422, 201])
  })

  it('of a kind that nobody serves refuse with that', async () => {
    const { told } = await apiWith(
      { paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' }, validations: [{ expression: 'true' }] },
      ref({ name: 'a' }),
    )
    expect((await told('x'))[2]).toBe(
      `configmaps "x" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'`,
    )
  })
})

it('what an annotation says is no refusal, unless it cannot be said', async () => {
  const note = (valueExpression: string) => ({ auditAnnotations: [{ key: 'color', valueExpression }] })
  expect(await (await apiWith(note("'blue ' + object.metadata.name"), { validationActions: ['Audit'] })).told('x')).toEqual(passes)
  const broken = await apiWith(note("'' + object.nothing"), { validationActions: ['Audit'] })
  expect(await broken.told('x')).toEqual(denied(`expression ''' + object.nothing' resulted in error: no such key: nothing`))
})

it('what cannot be compiled is refused with the policy, each where it stands', async () => {
  const { json } = await createTestApi()
  const { code, body } = await json('POST', policiesAt(), {
    body: policy('p', {
      matchConditions: [{ name: 'a', expression: '1' }],
      variables: [{ name: 'v', expression: 'object.' }],
      validations: [
        { expression: 'params.a == 1', messageExpression: '7' },
        { expression: 'request.nothing', messageExpression: "authorizer.path('/a').check('get').reason()" },
      ],
      auditAnnotations: [{ key: 'k', valueExpression: 'true' }],
    }),
  })
  expect(code).toBe(422)
  expect(body.details.causes.map(({ field, message }: { field: string; message: string }) => [field, message.split('\n')[0]])).toEqual([
    ['spec.matchConditions[0].expression', 'Invalid value: "1": must evaluate to bool but got int'],
    ['spec.variables[0].expression', expect.stringContaining('compilation failed: ERROR: <input>:1:')],
    ['spec.validations[0].expression', expect.stringContaining("undeclared reference to 'params' (in container '')")],
    ['spec.validations[0].messageExpression', 'Invalid value: "7": must evaluate to string but got int'],
    ['spec.validations[1].expression', expect.stringContaining("undefined field 'nothing'")],
    ['spec.validations[1].messageExpression', expect.stringContaining("undeclared reference to 'authorizer'")],
    ['spec.auditAnnotations[0].valueExpression', expect.stringContaining('must evaluate to one of [string null_type] but got bool')],
  ])
})

it('nobody is held to a policy when he takes it away', async () => {
  const { json, told } = await apiWith({ matchConstraints: { resourceRules: [rule('*')] }, validations: [{ expression: 'false' }] })
  expect((await told('x'))[0]).toBe(422)
  expect((await json('DELETE', policiesAt('p'))).code).toBe(200)
  expect(await told('x')).toEqual(passes)
})
