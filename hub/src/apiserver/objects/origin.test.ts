import { createLog } from '@bramble/shared/logging/log.ts'
import { secrets } from '@bramble/shared/kinds/secret.ts'
import { describe, expect, it } from 'vitest'
import { createLoopbackClient } from '../../client/loopback.ts'
import { hubParts } from '../authz/hub-parts.ts'
import { type Ask, admin, configMap, createTestApi, nodeUser, pod } from '../testing/api.ts'

const url = '/api/v1/namespaces/default'
const merge = 'application/merge-patch+json'
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
}

async function setUp() {
  const told: Record<string, unknown>[] = []
  const log = createLog({ level: 'debug', write: (line) => void told.push(JSON.parse(line) as Record<string, unknown>) })
  const api = await createTestApi({ log })
  /** Who changed what since it was asked last. */
  const changes = () =>
    told
      .splice(0)
      .filter(({ message }) => message === 'object changed')
      .map(({ key, user, manager, operation, subresource }) => [key, user, manager, operation, subresource])
  return { ...api, changes }
}

describe('a change carries who makes it, to where it is written', () => {
  it('whatever verb or subresource it comes by', async () => {
    const { json, changes } = await setUp()
    await json('POST', `${url}/pods`, { body: pod('p') })
    await json('POST', `${url}/pods`, { body: pod('q') })
    await json('POST', '/apis/apps/v1/namespaces/default/deployments', { body: deployment })
    await json('POST', `${url}/configmaps`, { body: configMap('a') })
    await json('POST', `${url}/configmaps`, { body: configMap('b') })
    changes()
    const did = async (method: Parameters<typeof json>[0], path: string, options: Ask = {}) => {
      const { code, body } = await json(method, path, { userAgent: 'kubectl/v1.31.0 (linux/arm64) kubernetes/9edcffc', ...options })
      expect(code, JSON.stringify(body)).toBeLessThan(300)
      return changes()
    }
    const by = (key: string, operation: string, subresource?: string) => [[key, admin.name, 'kubectl', operation, subresource]]

    expect(await did('POST', `${url}/configmaps`, { body: configMap('c') })).toEqual(by('/core/configmaps/default/c', 'create'))
    expect(await did('PUT', `${url}/configmaps/c`, { body: configMap('c', { k: 'v' }) })).toEqual(
      by('/core/configmaps/default/c', 'update'),
    )
    expect(await did('PATCH', `${url}/configmaps/c`, { body: { data: { k: 'w' } }, contentType: merge })).toEqual(
      by('/core/configmaps/default/c', 'patch'),
    )
    expect(await did('DELETE', `${url}/configmaps/c`)).toEqual(by('/core/configmaps/default/c', 'delete'))
    expect(await did('DELETE', `${url}/configmaps`)).toEqual([
      ...by('/core/configmaps/default/a', 'delete'),
      ...by('/core/configmaps/default/b', 'delete'),
    ])
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }
    expect(await did('POST', `${url}/pods/p/binding`, { body: binding })).toEqual(by('/core/pods/default/p', 'create', 'binding'))
    const older = { ...binding, metadata: { name: 'q' } }
    expect(await did('POST', `${url}/bindings`, { body: older })).toEqual(by('/core/pods/default/q', 'create', 'binding'))
    const phase = { body: { status: { phase: 'Running' } }, contentType: merge }
    expect(await did('PATCH', `${url}/pods/p/status`, { ...phase, user: nodeUser('n'), userAgent: 'bramble-agent' })).toEqual([
      ['/core/pods/default/p', 'system:node:n', 'bramble-agent', 'patch', 'status'],
    ])
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }
    expect(await did('POST', `${url}/pods/p/eviction`, { body: eviction })).toEqual(by('/core/pods/default/p', 'create', 'eviction'))
    const scale = { body: { spec: { replicas: 3 } }, contentType: merge }
    expect(await did('PATCH', '/apis/apps/v1/namespaces/default/deployments/d/scale', scale)).toEqual(
      by('/apps/deployments/default/d', 'patch', 'scale'),
    )
  })

  it('the hub itself too, in the name of the part that it is', async () => {
    const { handle, changes } = await setUp()
    expect(changes()).toContainEqual(['/core/namespaces/default', 'system:kube-apiserver', 'kube-apiserver', 'create', undefined])
    const client = createLoopbackClient({ handle, ...hubParts.controllers })
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'default' }, type: 'Opaque' } as const
    await client.create(secrets, object)
    const { name } = hubParts.controllers.user
    expect(changes()).toEqual([['/core/secrets/default/a', name, 'kube-controller-manager', 'create', undefined]])
    await client.delete(secrets, { name: 'a', namespace: 'default' })
    expect(changes()).toEqual([['/core/secrets/default/a', name, 'kube-controller-manager', 'delete', undefined]])
  })

  it('what is only tried is no change, and neither is what changes nothing', async () => {
    const { json, changes } = await setUp()
    await json('POST', `${url}/configmaps`, { body: configMap('a') })
    changes()
    expect((await json('POST', `${url}/configmaps?dryRun=All`, { body: configMap('b') })).code).toBe(201)
    expect((await json('PUT', `${url}/configmaps/a?dryRun=All`, { body: configMap('a', { k: 'v' }) })).code).toBe(200)
    expect((await json('PUT', `${url}/configmaps/a`, { body: configMap('a') })).code).toBe(200)
    expect((await json('DELETE', `${url}/configmaps/a`, { body: { dryRun: ['All'] } })).code).toBe(200)
    expect(changes()).toEqual([])
  })
})

describe('the manager of the fields that a change sets', () => {
  const long = 'x'.repeat(128)
  it.each([
    ['?fieldManager=me', 'kubectl/v1', 'me'],
    ['', 'kubectl/v1.31.0 (linux/arm64) kubernetes/9edcffc', 'kubectl'],
    ['?fieldManager=', 'Go-http-client/2.0', 'Go-http-client'],
    ['', 'my agent', 'my agent'],
    ['', `${long}y/1`, long],
    ['', `${'x'.repeat(127)}äz/1`, 'x'.repeat(127)],
    ['', 'a\u0007\u200bb\u00a0c/1', 'abc'],
    ['', '/1', ''],
    ['', undefined, ''],
  ])('%s with the User-Agent %j is %j', async (query, userAgent, manager) => {
    const { json, changes } = await setUp()
    changes()
    expect(
      (await json('POST', `${url}/configmaps${query}`, { body: configMap('a'), ...(userAgent !== undefined && { userAgent }) })).code,
    ).toBe(201)
    expect(changes()).toEqual([['/core/configmaps/default/a', admin.name, manager, 'create', undefined]])
  })

  it.each([
    ['POST', `${url}/configmaps`, 'CreateOptions'],
    ['PUT', `${url}/configmaps/a`, 'UpdateOptions'],
    ['PATCH', `${url}/configmaps/a`, 'PatchOptions'],
    ['POST', `${url}/pods/a/eviction`, 'CreateOptions'],
    ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 'CreateOptions'],
  ] as const)('%s %s refuses one that is none, with the field, before it reads the body', async (method, path, kind) => {
    const { json } = await setUp()
    const refused = async (query: string) => (await json(method, `${path}?${query}`, { body: 'no JSON' })).body
    expect(await refused(`fieldManager=${'ä'.repeat(65)}`)).toMatchObject({
      code: 422,
      message: `${kind}.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes`,
      details: { causes: [{ reason: 'FieldValueTooLong', field: 'fieldManager' }] },
    })
    expect(await refused('fieldManager=%C3%A4%07b')).toMatchObject({
      code: 422,
      message: `${kind}.meta.k8s.io "" is invalid: fieldManager: Invalid value: "ä\\u0007b": invalid character U+0007 (at position 2)`,
      details: { causes: [{ reason: 'FieldValueInvalid', field: 'fieldManager' }] },
    })
    expect((await refused('fieldManager=%0A&dryRun=x&fieldValidation=y')).details.causes).toMatchObject([
      { field: 'fieldManager' },
      { field: 'dryRun' },
      { field: 'fieldValidation' },
    ])
  })
})
