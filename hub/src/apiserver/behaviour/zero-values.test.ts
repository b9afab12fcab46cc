import { describe, expect, it } from 'vitest'
import { systemClock } from '@bramble/shared/clock.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { type Field, type TypeNode } from '@bramble/shared/schema/type-node.ts'
import { createTestApi, type Json, pod } from '../testing/api.ts'
import { exampleOf, urlOf, workload } from '../testing/examples.ts'

/** The value with the zero of every field that Go holds by value and that is not in it. */
function withZeros(node: TypeNode, value: Json): Json {
  if (node.tag === 'list') return value.map((item: Json) => withZeros(node.item, item))
  if (node.tag === 'map') return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withZeros(node.value, entry)]))
  if (node.tag !== 'object') return value
  const zeros = [...node.fields.values()].flatMap((field) => {
    const given = field.name in value ? withZeros(field.type, value[field.name]) : zeroOf(field)
    return given === undefined ? [] : [[field.name, given] as const]
  })
  return { ...value, ...Object.fromEntries(zeros) }
}

function zeroOf({ name, type, required, pointer, byValue, number }: Field): Json {
  if (required || pointer || number === undefined || name === 'finalizers') return undefined
  if (type.tag === 'list') return []
  if (type.tag === 'map') return {}
  if (type.tag === 'object') return byValue ? withZeros(type, {}) : undefined
  if (type.tag !== 'scalar' || type.format === 'time' || type.format === 'micro-time' || type.format === 'quantity') return null
  return type.type === 'boolean' ? false : type.type === 'string' ? '' : 0
}

/** Without what is each object's own. */
const comparable = ({ metadata, ...rest }: Json) => {
  const { uid: _uid, name: _name, resourceVersion: _version, labels: _labels, managedFields: _owners, ...others } = metadata
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = rest.spec ?? {}
  return { ...rest, spec, metadata: others }
}

/** Two hubs write the same time into what they are given one after the other. */
const clock = { ...systemClock, now: () => Date.parse('2026-01-01T00:00:00Z') }

/** Those that somebody may make, under the names of these tests: an APIService is called as its group and version. */
const made = kinds.filter(({ verbs, kind }) => verbs?.includes('create') !== false && kind !== 'APIService')

describe('a zero of what Go holds by value is not given', () => {
  it.each(made.map((kind) => [apiVersionOf(kind), kind.kind, kind] as const))(
    '%s %s: nothing of it is stored or answered, and defaults apply',
    async (_group, _name, kind) => {
      // Each on a hub of its own: of some objects there is one, whatever they are called.
      const random = () => 0.5
      const plain = await (await createTestApi({ random, clock })).json('POST', urlOf(kind), { body: exampleOf(kind, 'a') })
      const { json } = await createTestApi({ random, clock })
      const zeros = await json('POST', urlOf(kind), { body: withZeros(kind.node, exampleOf(kind, 'a')) })
      expect(plain.code, JSON.stringify(plain.body)).toBe(201)
      expect(zeros.code, JSON.stringify(zeros.body)).toBe(201)
      expect(comparable(zeros.body)).toEqual(comparable(plain.body))
      expect(comparable((await json('GET', `${urlOf(kind)}/${zeros.body.metadata.name}`)).body)).toEqual(comparable(plain.body))
    },
  )

  const patches = ['application/merge-patch+json', 'application/strategic-merge-patch+json'] as const

  it.each(made.map((kind) => [apiVersionOf(kind), kind.kind, kind] as const))(
    '%s %s: it counts as no change of a PUT or a patch',
    async (_group, _name, kind) => {
      const { json } = await createTestApi({ clock })
      const { body: stored } = await json('POST', urlOf(kind), { body: exampleOf(kind, 'a') })
      const zeros = withZeros(kind.node, stored)
      const put = await json('PUT', `${urlOf(kind)}/${stored.metadata.name}`, { body: zeros })
      expect(put.code, JSON.stringify(put.body)).toBe(200)
      expect(comparable(put.body)).toEqual(comparable(stored))
      for (const contentType of patches) {
        const { resourceVersion: _version, ...metadata } = zeros.metadata
        const patched = await json('PATCH', `${urlOf(kind)}/${stored.metadata.name}`, { body: { ...zeros, metadata }, contentType })
        expect(patched.code, JSON.stringify(patched.body)).toBe(200)
        expect(comparable(patched.body)).toEqual(comparable(stored))
      }
    },
  )

  it('hostNetwork: false leaves a Deployment in its generation, in each kind of patch and in a dry run', async () => {
    const { json } = await createTestApi({ clock })
    const url = '/apis/apps/v1/namespaces/default/deployments'
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: workload }
    const { body: stored } = await json('POST', url, { body: deployment })
    const change = { spec: { template: { spec: { hostNetwork: false } } } }
    const bodyFor = { 'application/json-patch+json': [{ op: 'add', path: '/spec/template/spec/hostNetwork', value: false }] }
    for (const contentType of [...patches, 'application/json-patch+json'] as const)
      for (const query of ['?dryRun=All', '']) {
        const body = contentType === 'application/json-patch+json' ? bodyFor[contentType] : change
        const patched = await json('PATCH', `${url}/a${query}`, { body, contentType })
        expect(comparable(patched.body)).toEqual(comparable(stored))
      }
  })

  it('a zero behind a pointer stays what was asked for', async () => {
    const { json } = await createTestApi()
    const { body } = await json('POST', '/api/v1/namespaces/default/pods', {
      body: pod('a', {
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        shareProcessNamespace: false,
        hostUsers: true,
        containers: [{ name: 'c', image: 'b:1', securityContext: { runAsUser: 0, privileged: false } }],
      }),
    })
    expect(body.spec).toMatchObject({ terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, shareProcessNamespace: false })
    expect(body.spec.containers[0].securityContext).toEqual({ runAsUser: 0, privileged: false })
  })

  it('entries of maps and lists stay, whatever they hold', async () => {
    const { json } = await createTestApi()
    const { body } = await json('POST', '/api/v1/namespaces/default/pods', {
      body: pod(
        'a',
        { nodeSelector: { disk: '' }, containers: [{ name: 'c', image: 'b:1', command: ['sh', ''] }] },
        { labels: { empty: '' } },
      ),
    })
    expect(body.metadata.labels).toEqual({ empty: '' })
    expect(body.spec.nodeSelector).toEqual({ disk: '' })
    expect(body.spec.containers[0].command).toEqual(['sh', ''])
  })

  it('a status of zeros is written and read back without them', async () => {
    const { json } = await createTestApi()
    const url = '/api/v1/namespaces/default/pods'
    await json('POST', url, { body: pod('a') })
    const status = { phase: '', reason: '', message: '', conditions: [], podIP: '', hostIP: '', containerStatuses: [] }
    const { code, body } = await json('PATCH', `${url}/a/status`, { body: { status }, contentType: 'application/merge-patch+json' })
    expect(code).toBe(200)
    expect(body.status).toEqual({ qosClass: 'BestEffort' })
  })

  it('text where a number is expected, or the other way, is refused as before', async () => {
    const { json } = await createTestApi()
    const url = '/api/v1/namespaces/default/pods?dryRun=All'
    expect(await json('POST', url, { body: pod('a', { hostNetwork: '' }) })).toMatchObject({ code: 400 })
    expect(await json('POST', url, { body: pod('a', { hostname: 0 }) })).toMatchObject({ code: 400 })
    expect(await json('POST', url, { body: pod('a', { volumes: false }) })).toMatchObject({ code: 400 })
  })
})
