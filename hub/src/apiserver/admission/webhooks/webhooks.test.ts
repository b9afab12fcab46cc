import { silentLog } from '@bramble/shared/logging/log.ts'
import { describe, expect, it } from 'vitest'
import { admin, configMap, createTestApi, type Json, pod } from '../../testing/api.ts'
import { memoryLog } from '../../../store/memory/memory-disk.ts'
import { ask } from './ask.ts'
import { createOutages } from './outages.ts'
import { type Answer, configuration, configurationsAt, patchOf, rule, webhooksAnswering } from '../../testing/admission-webhook.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'

async function apiWith(answer: Answer, ...configurations: readonly (readonly ['mutating' | 'validating', object])[]) {
  const { asked, post } = webhooksAnswering(answer)
  const api = await createTestApi({ postToWebhook: post })
  for (const [of, body] of configurations) {
    const made = await api.json('POST', configurationsAt(of), { body })
    expect(made.code, JSON.stringify(made.body)).toBe(201)
  }
  asked.length = 0
  return { ...api, asked }
}

const mutating = (name: string, webhook: object = {}) => ['mutating', configuration('Mutating', name, webhook)] as const
const validating = (name: string, webhook: object = {}) => ['validating', configuration('Validating', name, webhook)] as const
const add = (path: string, value: unknown) => ({ op: 'add', path, value })

it('a webhook is shown who owns what, and comes to own nothing by what it does there', async () => {
  const { json, asked } = await apiWith(
    ({ operation }) => (operation === 'CREATE' ? patchOf({ op: 'remove', path: '/metadata/managedFields' }) : undefined),
    mutating('a', { rules: [rule('configmaps')] }),
  )
  const made = await json('POST', `${maps}?fieldManager=me`, { body: configMap('x', { a: '1' }) })
  await json('PATCH', `${maps}/x?fieldManager=you`, { body: { data: { b: '2' } }, contentType: 'application/merge-patch+json' })
  await json('DELETE', `${maps}/x`)
  const managers = (object: Json) => object?.metadata.managedFields.map(({ manager }: Json) => manager)
  expect(managers(made.body)).toEqual(['me'])
  expect(asked.map(({ request }) => [managers(request.object), managers(request.oldObject)])).toEqual([
    [['me'], undefined],
    [['me', 'you'], ['me']],
    [undefined, ['me', 'you']],
  ])
})

it('a webhook is shown the write as Kubernetes shows it', async () => {
  const { json, asked } = await apiWith(() => undefined, validating('a', { rules: [rule('configmaps')] }))
  await json('POST', `${maps}?fieldManager=me&fieldValidation=Strict`, { body: configMap('x', { a: '1' }) })
  const created = asked[0].request
  expect(created).toMatchObject({
    uid: expect.any(String),
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
    requestResource: { group: '', version: 'v1', resource: 'configmaps' },
    name: 'x',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: admin.name, groups: admin.groups },
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'default' }, data: { a: '1' } },
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me', fieldValidation: 'Strict' },
  })
  expect('subResource' in created).toBe(false)
  await json('PATCH', `${maps}/x`, { body: { data: { a: '2' } }, contentType: 'application/merge-patch+json' })
  await json('DELETE', `${maps}/x?propagationPolicy=Background`)
  const [, changed, deleted] = asked.map(({ request }) => request)
  expect(changed).toMatchObject({
    operation: 'UPDATE',
    object: { data: { a: '2' } },
    oldObject: { data: { a: '1' } },
    options: { kind: 'UpdateOptions' },
  })
  expect(deleted).toMatchObject({ operation: 'DELETE', object: null, oldObject: { data: { a: '2' } } })
})

describe('what a webhook refuses', () => {
  it.each<[string, object, readonly unknown[]]>([
    [
      'with its words and code',
      { status: { message: 'too blue', code: 403, reason: 'Forbidden' } },
      [403, 'Forbidden', 'admission webhook "a.example.com" denied the request: too blue'],
    ],
    ['without a word', {}, [400, undefined, 'admission webhook "a.example.com" denied the request without explanation']],
    [
      'with a reason alone',
      { status: { reason: 'TooBlue' } },
      [400, 'TooBlue', 'admission webhook "a.example.com" denied the request: TooBlue'],
    ],
    [
      'with a code that is none',
      { status: { code: 200, message: 'no' } },
      [400, undefined, 'admission webhook "a.example.com" denied the request: no'],
    ],
  ])('%s is told', async (_how, answer, told) => {
    for (const of of [mutating, validating]) {
      const { json, server } = await apiWith(() => ({ allowed: false, ...answer }), of('a', { rules: [rule('configmaps')] }))
      const { code, body } = await json('POST', maps, { body: configMap('x') })
      expect([code, body.reason, body.message]).toEqual(told)
      expect((await json('GET', `${maps}/x`)).code).toBe(404)
      server.close()
    }
  })
})

describe('who is asked', () => {
  const named = (webhook: object) => async (request: (api: Awaited<ReturnType<typeof apiWith>>) => Promise<unknown>) => {
    const api = await apiWith(() => undefined, validating('a', webhook))
    await api.json('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'blue', labels: { color: 'blue' } } },
    })
    api.asked.length = 0
    await request(api)
    return api.asked.map(
      ({ request: { operation, resource, subResource = '' } }: Json) =>
        `${operation} ${resource.version}/${resource.resource}/${subResource}`,
    )
  }
  const create = (path: string, body: object) => (api: { json: Json }) => api.json('POST', path, { body })
  const inBlue = '/api/v1/namespaces/blue/configmaps'
  it.each<[string, object, (api: Json) => Promise<unknown>, readonly string[]]>([
    ['its rules name the resource', { rules: [rule('configmaps')] }, create(maps, configMap('x')), ['CREATE v1/configmaps/']],
    ['its rules name another', { rules: [rule('secrets')] }, create(maps, configMap('x')), []],
    ['its rules name another operation', { rules: [rule('configmaps', ['DELETE'])] }, create(maps, configMap('x')), []],
    ['its rules are about what has no namespace', { rules: [rule('*', ['*'], { scope: 'Cluster' })] }, create(maps, configMap('x')), []],
    ['* is no subresource', { rules: [rule('*')] }, create(maps, configMap('x')), ['CREATE v1/configmaps/']],
    [
      'its namespaces are selected',
      { namespaceSelector: { matchLabels: { color: 'blue' } } },
      create(inBlue, configMap('x')),
      ['CREATE v1/configmaps/'],
    ],
    ['others are', { namespaceSelector: { matchLabels: { color: 'blue' } } }, create(maps, configMap('x')), []],
    [
      'a Namespace has the labels that it will have',
      { namespaceSelector: { matchLabels: { color: 'red' } } },
      create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'red', labels: { color: 'red' } } }),
      ['CREATE v1/namespaces/'],
    ],
    [
      'its objects are selected',
      { objectSelector: { matchLabels: { a: 'b' } } },
      create(maps, configMap('x', {}, { labels: { a: 'b' } })),
      ['CREATE v1/configmaps/'],
    ],
    ['others are selected', { objectSelector: { matchLabels: { a: 'b' } } }, create(maps, configMap('x')), []],
    [
      'who takes the label away is asked about as well',
      { objectSelector: { matchLabels: { a: 'b' } } },
      async (api) => {
        await api.json('POST', maps, { body: configMap('x', {}, { labels: { a: 'b' } }) })
        await api.json('PUT', `${maps}/x`, { body: configMap('x') })
        await api.json('PUT', `${maps}/x`, { body: configMap('x', { c: 'd' }) })
      },
      ['CREATE v1/configmaps/', 'UPDATE v1/configmaps/'],
    ],
    [
      'its condition holds',
      { matchConditions: [{ name: 'a', expression: "object.metadata.name == 'x' && request.userInfo.username == 'bramble:admin'" }] },
      create(maps, configMap('x')),
      ['CREATE v1/configmaps/'],
    ],
    [
      'its condition does not',
      { matchConditions: [{ name: 'a', expression: "request.namespace != 'default'" }] },
      create(maps, configMap('x')),
      [],
    ],
    [
      'an authorizer is asked on the way',
      {
        matchConditions: [
          {
            name: 'a',
            expression:
              "authorizer.requestResource.check('create').allowed() && !authorizer.serviceAccount('default', 'x').path('/healthy').check('get').errored()",
          },
        ],
      },
      create(maps, configMap('x')),
      ['CREATE v1/configmaps/'],
    ],
  ])('%s', async (_why, webhook, request, asked) => {
    expect(await named(webhook)(request as never)).toEqual(asked)
  })

  it('a condition that fails refuses or leaves it, as the failure policy says', async () => {
    const condition = { matchConditions: [{ name: 'a', expression: 'object.nothing == 1' }], rules: [rule('configmaps')] }
    const fail = await apiWith(() => undefined, validating('a', condition))
    const { code, body } = await fail.json('POST', maps, { body: configMap('x') })
    expect([code, body.reason, body.message]).toEqual([
      403,
      'Forbidden',
      `configmaps "x" is forbidden: expression 'object.nothing == 1' resulted in error: no such key: nothing`,
    ])
    const ignore = await apiWith(() => ({ allowed: false }), validating('a', { ...condition, failurePolicy: 'Ignore' }))
    expect((await ignore.json('POST', maps, { body: configMap('x') })).code).toBe(201)
    expect(ignore.asked).toEqual([])
  })

  it('another version of the resource counts, and is what it is shown in, unless it wants its own alone', async () => {
    const events = { apiGroups: ['events.k8s.io'], apiVersions: ['v1'], resources: ['events'], operations: ['CREATE'] }
    const event = {
      ...{
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'e', namespace: 'default' },
        reason: 'Because',
        message: 'so',
        type: 'Normal',
      },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    }
    const { json, asked } = await apiWith(
      () => undefined,
      validating('a', { rules: [events] }),
      validating('b', { rules: [events], matchPolicy: 'Exact' }),
    )
    expect((await json('POST', '/api/v1/namespaces/default/events', { body: event })).code).toBe(201)
    expect(asked).toHaveLength(1)
    expect(asked[0].request).toMatchObject({
      kind: { group: 'events.k8s.io', version: 'v1', kind: 'Event' },
      requestKind: { group: '', version: 'v1', kind: 'Event' },
      object: { apiVersion: 'events.k8s.io/v1', note: 'so', regarding: { name: 'p' } },
    })
  })
})

describe('what a webhook changes', () => {
  it('is stored, read and filled in as what comes from outside', async () => {
    const sidecar = { name: 'side', image: 'busybox' }
    const { json } = await apiWith(
      () => patchOf(add('/spec/containers/-', sidecar), add('/metadata/labels', { seen: 'yes' })),
      mutating('a', { rules: [rule('pods')] }),
    )
    const { code, body } = await json('POST', pods, { body: pod('p') })
    expect([code, body.message]).toEqual([201, undefined])
    expect(body.spec.containers[1]).toMatchObject({ ...sidecar, imagePullPolicy: 'Always', terminationMessagePath: '/dev/termination-log' })
    expect(body.metadata.labels).toEqual({ seen: 'yes' })
    expect((await json('GET', `${pods}/p`)).body.spec.containers).toHaveLength(2)
  })

  it('is held to the rules of the kind', async () => {
    const { json } = await apiWith(() => patchOf(add('/spec/containers/0/name', 'No Name')), mutating('a', { rules: [rule('pods')] }))
    const { code, body } = await json('POST', pods, { body: pod('p') })
    expect([code, body.details.causes[0].field]).toEqual([422, 'spec.containers[0].name'])
  })

  it('is seen by those after it, in the order of their configurations, and by validating ones', async () => {
    const { json, asked } = await apiWith(
      ({ object }, path) =>
        path === '/v'
          ? undefined
          : patchOf(add('/data', { ...object.data, [path.slice(1)]: String(Object.keys(object.data ?? {}).length) })),
      ...[
        validating('v', { rules: [rule('configmaps')] }),
        mutating('b', { rules: [rule('configmaps')] }),
        mutating('a', { rules: [rule('configmaps')] }),
      ],
    )
    expect((await json('POST', maps, { body: configMap('x') })).body.data).toEqual({ a: '0', b: '1' })
    expect(asked.at(-1).request.object.data).toEqual({ a: '0', b: '1' })
  })

  it('has whoever wants it asked again, once, and nobody about their own change', async () => {
    const counts = new Map<string, number>()
    const { json } = await apiWith(
      ({ object }, path) => {
        counts.set(path, (counts.get(path) ?? 0) + 1)
        return path === '/c'
          ? undefined
          : patchOf(add(`/metadata/labels`, { ...object.metadata.labels, [`at${path.slice(1)}${counts.get(path)}`]: 'x' }))
      },
      mutating('a', { rules: [rule('configmaps')], reinvocationPolicy: 'IfNeeded' }),
      mutating('b', { rules: [rule('configmaps')] }),
      mutating('c', { rules: [rule('configmaps')], reinvocationPolicy: 'IfNeeded' }),
    )
    await json('POST', maps, { body: configMap('x') })
    expect([...counts]).toEqual([
      ['/a', 2],
      ['/b', 1],
      ['/c', 2],
    ])
  })

  it('may be a version of the resource that the request does not speak', async () => {
    const events = { apiGroups: ['events.k8s.io'], apiVersions: ['v1'], resources: ['events'], operations: ['CREATE'] }
    const { json } = await apiWith(() => patchOf({ op: 'replace', path: '/note', value: 'changed' }), mutating('a', { rules: [events] }))
    const event = {
      ...{
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'e', namespace: 'default' },
        reason: 'Because',
        message: 'so',
        type: 'Normal',
      },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    }
    expect((await json('POST', '/api/v1/namespaces/default/events', { body: event })).body).toMatchObject({
      apiVersion: 'v1',
      message: 'changed',
    })
  })

  it('is no field of anybody', async () => {
    const { json } = await apiWith(() => patchOf(add('/data', { b: '1' })), mutating('a', { rules: [rule('configmaps')] }))
    const { body } = await json('POST', `${maps}?fieldManager=me`, { body: configMap('x', { a: '1' }) })
    expect(JSON.stringify(body.metadata.managedFields)).toContain('f:a')
    expect(JSON.stringify(body.metadata.managedFields)).not.toContain('f:b')
  })
})

describe('what a webhook may not change', () => {
  const changing = (...steps: readonly object[]) =>
    apiWith(
      ({ operation }) => (operation === 'DELETE' ? undefined : patchOf(...steps)),
      mutating('a', { rules: [rule('pods configmaps')] }),
    )

  it('the status of a new object, its uid and its time stay what the server says', async () => {
    const { json } = await changing(
      add('/status', { phase: 'Running' }),
      add('/metadata/uid', 'mine'),
      add('/metadata/creationTimestamp', '2001-01-01T00:00:00Z'),
    )
    const { body } = await json('POST', pods, { body: pod('p') })
    expect(body.status.phase).toBe('Pending')
    expect(body.metadata.uid).not.toBe('mine')
    expect(body.metadata.creationTimestamp).not.toContain('2001')
  })

  it('another namespace is refused', async () => {
    const { json } = await changing(add('/metadata/namespace', 'kube-system'))
    const { code, body } = await json('POST', maps, { body: configMap('x') })
    expect([code, body.message]).toEqual([400, 'the namespace of the provided object does not match the namespace sent on the request'])
  })

  it('another name or uid of what is there is refused, and its status stays', async () => {
    const { post } = webhooksAnswering(() => undefined)
    let steps: readonly object[] = []
    const api = await createTestApi({
      postToWebhook: async (client, body, bounds) =>
        steps.length === 0
          ? post(client, body, bounds)
          : {
              ...((await post(client, body, bounds)) as object),
              response: { uid: JSON.parse(body).request.uid, allowed: true, ...patchOf(...steps) },
            },
    })
    await api.json('POST', configurationsAt('mutating'), { body: configuration('Mutating', 'a', { rules: [rule('pods')] }) })
    await api.json('POST', pods, { body: pod('p') })
    const change = () =>
      api.json('PATCH', `${pods}/p`, {
        body: { metadata: { labels: { a: String(steps.length) } } },
        contentType: 'application/merge-patch+json',
      })
    for (const [field, value] of [
      ['name', 'q'],
      ['uid', 'mine'],
    ] as const) {
      // prettier-ignore
      steps = [add(`/metadata/${field}`, value)]
      const { code, body } = await change()
      expect([code, body.details.causes[0]]).toEqual([
        422,
        { reason: 'FieldValueInvalid', field: `metadata.${field}`, message: `Invalid value: "${value}": field is immutable` },
      ])
    }
    steps = [add('/status/phase', 'Failed'), add('/metadata/annotations', { a: 'b' })]
    const { code, body } = await change()
    expect([code, body.status.phase, body.metadata.annotations]).toEqual([200, 'Pending', { a: 'b' }])
  })

  it('nothing of what is deleted', async () => {
    const { json } = await apiWith(
      ({ operation }) => (operation === 'DELETE' ? patchOf(add('/data', {})) : undefined),
      mutating('a', { rules: [rule('configmaps')] }),
    )
    await json('POST', maps, { body: configMap('x') })
    const { code, body } = await json('DELETE', `${maps}/x`)
    expect([code, body.message]).toEqual([
      500,
      'Internal error occurred: admission webhook "a.example.com" attempted to modify the object, which is not supported for this operation',
    ])
  })
})

describe('subresources', () => {
  const shown = (asked: readonly Json[]) =>
    asked.map(({ request: { operation, kind, subResource, object, oldObject } }) => [operation, kind.kind, subResource, object, oldObject])

  it('a scale is shown as one, and may be changed as one', async () => {
    const answer: Answer = ({ subResource }) =>
      subResource === 'scale' ? patchOf({ op: 'replace', path: '/spec/replicas', value: 2 }) : undefined
    const { json, asked } = await apiWith(answer, mutating('a', { rules: [rule('deployments/scale')] }))
    const at = '/apis/apps/v1/namespaces/default/deployments'
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'busybox' }] } }
    await json('POST', at, {
      body: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd' },
        spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template },
      },
    })
    const { code, body } = await json('PATCH', `${at}/d/scale`, {
      body: { spec: { replicas: 9 } },
      contentType: 'application/merge-patch+json',
    })
    expect([code, body.spec]).toEqual([200, { replicas: 2 }])
    expect(shown(asked)).toMatchObject([['UPDATE', 'Scale', 'scale', { spec: { replicas: 9 } }, { spec: { replicas: 1 } }]])
    expect((await json('GET', `${at}/d`)).body.spec.replicas).toBe(2)
  })

  it('a binding and an eviction are created, and what follows from them asks nobody', async () => {
    const { json, asked } = await apiWith(() => undefined, validating('a', { rules: [rule('pods/* pods', ['*'])] }))
    await json('POST', pods, { body: pod('p') })
    asked.length = 0
    await json('POST', `${pods}/p/binding`, {
      body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } },
    })
    await json('POST', `${pods}/p/eviction`, { body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } } })
    expect(shown(asked)).toMatchObject([
      ['CREATE', 'Binding', 'binding', { target: { name: 'n' } }, null],
      ['CREATE', 'Eviction', 'eviction', { metadata: { name: 'p' } }, null],
    ])
  })

  it('a request for a token is one of its account', async () => {
    const { json, asked } = await apiWith(() => ({ allowed: false }), validating('a', { rules: [rule('serviceaccounts/token')] }))
    const at = '/api/v1/namespaces/default/serviceaccounts'
    await json('POST', at, { body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'jo' } } })
    const { code } = await json('POST', `${at}/jo/token`, {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    })
    expect(code).toBe(400)
    expect(shown(asked)).toMatchObject([['CREATE', 'TokenRequest', 'token', { kind: 'TokenRequest' }, null]])
  })

  it('a status is shown whole, and only the status of what it becomes is kept', async () => {
    const { json, asked } = await apiWith(
      () => patchOf(add('/status/message', 'patched'), add('/spec/nodeName', 'elsewhere')),
      mutating('a', { rules: [rule('pods/status')] }),
    )
    await json('POST', pods, { body: pod('p') })
    const { code, body } = await json('PATCH', `${pods}/p/status`, {
      body: { status: { phase: 'Running' } },
      contentType: 'application/merge-patch+json',
    })
    expect([code, body.status.phase, body.status.message, body.spec.nodeName]).toEqual([200, 'Running', 'patched', undefined])
    expect(shown(asked)).toMatchObject([
      ['UPDATE', 'Pod', 'status', { spec: {}, status: { phase: 'Running' } }, { status: { phase: 'Pending' } }],
    ])
  })
})

describe('a dry run', () => {
  it('is refused where a webhook does something beside', async () => {
    // The kind takes no such word any more; what an older hub has stored may have it.
    const hook = { configuration: 'a', conditions: () => [], webhook: { name: 'a.example.com', sideEffects: 'Some' } } as never
    const question = { origin: { dryRun: true } } as never
    const { post } = webhooksAnswering(() => undefined)
    await expect(ask(hook, question, {} as never, false, { post, uuid: () => 'u', outages: createOutages(silentLog) })).rejects.toThrow(
      'admission webhook "a.example.com" does not support dry run',
    )
  })

  it('is asked about with its word, and stores nothing', async () => {
    const { json, asked } = await apiWith(() => undefined, validating('a', { rules: [rule('configmaps')], sideEffects: 'NoneOnDryRun' }))
    expect((await json('POST', `${maps}?dryRun=All`, { body: configMap('x') })).code).toBe(201)
    expect(asked[0].request).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } })
  })
})

it('warnings reach the sender, and annotations whoever takes notes', async () => {
  const { json } = await apiWith(
    () => ({ warnings: ['blue is out of fashion'], auditAnnotations: { color: 'blue' } }),
    validating('a', { rules: [rule('configmaps')] }),
  )
  const { headers } = await json('POST', maps, { body: configMap('x') })
  expect(headers['warning']).toBe('299 - "blue is out of fashion"')
})

it('of a drawn name a mutating webhook is told nothing, and a validating one all', async () => {
  const { json, asked } = await apiWith(
    () => undefined,
    mutating('a', { rules: [rule('configmaps')] }),
    validating('b', { rules: [rule('configmaps')] }),
  )
  const { body } = await json('POST', maps, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'x-' } } })
  expect(asked.map(({ request }) => [request.name, request.object.metadata.name])).toEqual([
    [undefined, undefined],
    [body.metadata.name, body.metadata.name],
  ])
})

it('nobody is asked about those who are asked, so that what is broken can be taken away', async () => {
  const { json, asked } = await apiWith(() => ({ allowed: false }), validating('a'), mutating('b'))
  expect((await json('POST', maps, { body: configMap('x') })).code).toBe(400)
  asked.length = 0
  expect((await json('DELETE', configurationsAt('validating', 'a'))).code).toBe(200)
  expect((await json('DELETE', configurationsAt('mutating', 'b'))).code).toBe(200)
  expect(asked).toEqual([])
  expect((await json('POST', maps, { body: configMap('x') })).code).toBe(201)
})

it('a hub starts with webhooks that refuse everything', async () => {
  const log = memoryLog()
  const { asked, post } = webhooksAnswering(() => ({ allowed: false }))
  const first = await createTestApi({ postToWebhook: post }, log)
  await first.json('POST', configurationsAt('validating'), { body: configuration('Validating', 'a') })
  first.server.close()
  const { json } = await createTestApi({ postToWebhook: post }, log)
  expect(asked).toEqual([])
  expect((await json('POST', maps, { body: configMap('x') })).code).toBe(400)
})

it('a hub that is started without them asks nobody', async () => {
  const { asked, post } = webhooksAnswering(() => ({ allowed: false }))
  const { json } = await createTestApi({ postToWebhook: post, hasDynamicAdmission: false })
  await json('POST', configurationsAt('validating'), { body: configuration('Validating', 'a') })
  expect((await json('POST', maps, { body: configMap('x') })).code).toBe(201)
  expect(asked).toEqual([])
})
