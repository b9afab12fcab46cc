import { nodes } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { describe, expect, it } from 'vitest'
import { createDynamic } from '../admission/dynamic.ts'
import { createMutatingPolicies } from '../admission/policies/mutating-policies.ts'
import { createValidatingPolicies } from '../admission/policies/validating-policies.ts'
import { createWebhooks } from '../admission/webhooks/webhooks.ts'
import type { Call } from '../call.ts'
import { createKindIndex } from '../discovery/kind-index.ts'
import { createMetrics } from '../metrics.ts'
import { createRegistry } from '../objects/registry.ts'
import { createConversions } from '../ownership/converting.ts'
import {
  applyOf,
  binding,
  bindingsAt,
  mutatingAt,
  mutatingBinding,
  mutatingBindingsAt,
  mutatingPolicy,
  policiesAt,
  policy,
} from '../testing/admission-policy.ts'
import { type Answer, configuration, configurationsAt, patchOf, rule, webhooksAnswering } from '../testing/admission-webhook.ts'
import { admin, createTestApi } from '../testing/api.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { connections } from './connect.ts'

const kindOf = { pods, services, nodes }

/** Connects as a door would that has found out who asks and that he may. */
async function door({ answer = () => undefined, objects = [] }: { answer?: Answer; objects?: readonly (readonly [string, object])[] }) {
  const { asked, post } = webhooksAnswering(answer)
  const { store, json } = await createTestApi({ postToWebhook: post })
  for (const [path, body] of objects) expect((await json('POST', path, { body })).code, path).toBe(201)
  asked.length = 0
  const kindSet = createKindSet(builtIn)
  const deps = {
    ...{ registry: createRegistry({ store }), kinds: createKindIndex(kindSet), conversions: createConversions(), authorizers: [] },
    ...{ kindSet, log: silentLog, post, uuid: () => 'u', clock: systemClock },
  }
  const dynamic = createDynamic({
    ...deps,
    asking: [createMutatingPolicies({ ...deps, metrics: createMetrics() }), createValidatingPolicies(deps), createWebhooks(deps)],
    admitAgain: async () => {
      throw new Error('what is built in was asked about a connection')
    },
  })
  dynamic.open()
  const warnings: string[] = []
  const connect = (to: keyof typeof connections, query = '', below = '') => {
    const [resource = '', subresource = ''] = to.split('/')
    const kind = kindOf[resource as keyof typeof kindOf]
    const call = {
      api: { dynamic },
      kind,
      caller: { user: admin },
      info: {
        type: 'resource',
        verb: 'create',
        group: '',
        version: 'v1',
        resource,
        subresource,
        name: 'x',
        ...(kind.namespaced && { namespace: 'default' }),
      },
      request: { query: new URLSearchParams(query), signal: new AbortController().signal },
      warn: (text: string) => void warnings.push(text),
    } as unknown as Call // what is asked of it
    return connections[to].admit(call, below)
  }
  return { asked, connect, warnings }
}

const hook = (of: 'mutating' | 'validating', webhook: object = {}) =>
  [configurationsAt(of), configuration(of === 'mutating' ? 'Mutating' : 'Validating', of, webhook)] as const
const connecting = { rules: [rule('*/*', ['CONNECT'])] }

describe('a connection', () => {
  it.each<[keyof typeof connections, string, string, object]>([
    [
      'pods/exec',
      'command=sh&command=-c&command=&stdin=true&stdout=1&stderr=false&tty&container=c',
      '',
      { kind: 'PodExecOptions', stdin: true, stdout: true, tty: true, container: 'c', command: ['sh', '-c', ''] },
    ],
    ['pods/exec', '', '', { kind: 'PodExecOptions' }],
    ['pods/attach', 'stdin=true&stdout=true&container=c', '', { kind: 'PodAttachOptions', stdin: true, stdout: true, container: 'c' }],
    ['pods/portforward', 'ports=80,443&ports=8080', '', { kind: 'PodPortForwardOptions', ports: [80, 443, 8080] }],
    ['pods/portforward', '', '', { kind: 'PodPortForwardOptions' }],
    ['pods/proxy', 'a=b', 'index.html', { kind: 'PodProxyOptions', path: 'index.html' }],
    ['services/proxy', '', '', { kind: 'ServiceProxyOptions' }],
    ['nodes/proxy', '', 'metrics', { kind: 'NodeProxyOptions', path: 'metrics' }],
  ])('to %s?%s is shown by its options', async (to, query, below, options) => {
    const { asked, connect } = await door({ objects: [hook('validating', connecting)] })
    const [resource = '', subResource = ''] = to.split('/')
    const object = { apiVersion: 'v1', ...options }
    expect(await connect(to, query, below)).toEqual(object)
    expect(asked).toHaveLength(1)
    const { kind } = object as { kind?: string }
    expect(asked[0].request).toEqual({
      uid: 'u',
      ...{ kind: { group: '', version: 'v1', kind }, requestKind: { group: '', version: 'v1', kind } },
      ...{ resource: { group: '', version: 'v1', resource }, requestResource: { group: '', version: 'v1', resource } },
      ...{ subResource, requestSubResource: subResource },
      ...{ name: 'x', ...(resource !== 'nodes' && { namespace: 'default' }) },
      ...{ operation: 'CONNECT', userInfo: { username: admin.name, groups: admin.groups } },
      ...{ object, oldObject: null, dryRun: false, options: null },
    })
  })

  it('is refused by a webhook, and by one that is not heard', async () => {
    const { connect } = await door({
      answer: ({ subResource }) => {
        if (subResource === 'attach') throw new Error('away')
        return { allowed: false, status: { code: 403, message: 'no shells here' } }
      },
      objects: [hook('validating', connecting)],
    })
    await expect(connect('pods/exec', 'command=sh')).rejects.toThrow('denied the request: no shells here')
    await expect(connect('pods/attach')).rejects.toThrow('failed to call webhook')
  })

  it('is what a webhook makes of it, and what is built in is not asked about that', async () => {
    const { connect } = await door({
      answer: () => patchOf({ op: 'add', path: '/container', value: 'other' }, { op: 'add', path: '/metadata', value: { labels: {} } }),
      objects: [hook('mutating', connecting)],
    })
    expect(await connect('pods/exec', 'command=sh')).toEqual({
      kind: 'PodExecOptions',
      apiVersion: 'v1',
      container: 'other',
      command: ['sh'],
    })
  })

  it('may not be made into what is none', async () => {
    const { connect } = await door({
      answer: () => patchOf({ op: 'add', path: '/command', value: 7 }),
      objects: [hook('mutating', connecting)],
    })
    await expect(connect('pods/exec', 'command=sh')).rejects.toThrow('PodExecOptions')
  })

  it.each<[string, object, number]>([
    ['writes alone', { rules: [rule('pods/exec', ['CREATE', 'UPDATE', 'DELETE'])] }, 0],
    ['another subresource', { rules: [rule('pods/attach', ['CONNECT'])] }, 0],
    ['everything', { rules: [rule('pods/exec', ['*'])] }, 1],
    [
      'objects that have no label, for options have none either way',
      { ...connecting, objectSelector: { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] } },
      0,
    ],
    ['its namespace', { ...connecting, namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } }, 1],
    ['another namespace', { ...connecting, namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } }, 0],
    ['a condition', { ...connecting, matchConditions: [{ name: 'sh', expression: "'sh' in object.command" }] }, 1],
  ])('is asked about by who wants to know of %s, or is not', async (_what, webhook, times) => {
    const { asked, connect } = await door({ objects: [hook('validating', webhook)] })
    await connect('pods/exec', 'command=sh')
    expect(asked).toHaveLength(times)
  })

  it('is refused by a policy, which sees its options', async () => {
    const spec = {
      matchConstraints: { resourceRules: [rule('pods/exec', ['CONNECT'])] },
      validations: [{ expression: "request.operation != 'CONNECT' || !object.?tty.orValue(false)", message: 'no terminals' }],
    }
    const { connect } = await door({
      objects: [
        [policiesAt(), policy('p', spec)],
        [bindingsAt(), binding('p')],
      ],
    })
    await expect(connect('pods/exec', 'command=sh&tty=true')).rejects.toThrow('no terminals')
    await expect(connect('pods/exec', 'command=sh')).resolves.toMatchObject({ command: ['sh'] })
  })

  it('to a port that is none is refused before anybody is asked', async () => {
    const { asked, connect } = await door({ objects: [hook('validating', connecting)] })
    for (const ports of ['0', '65536', '-1', '1e3', 'http', '', '80,'])
      await expect(connect('pods/portforward', `ports=${ports}`)).rejects.toThrow('ports: Invalid value')
    expect(asked).toEqual([])
  })
})

it('is made with the options that a policy lays over those that were asked for', async () => {
  const matchConstraints = { resourceRules: [rule('pods/exec', ['CONNECT'])] }
  const mutations = [applyOf('Object{container: object.container + "-mine", tty: false}')]
  const { connect } = await door({
    objects: [
      [mutatingAt(), mutatingPolicy('p', { matchConstraints, mutations })],
      [mutatingBindingsAt(), mutatingBinding('p')],
    ],
  })
  expect(await connect('pods/exec', 'container=c&tty=true&stdout=true')).toMatchObject({ container: 'c-mine', stdout: true })
})
