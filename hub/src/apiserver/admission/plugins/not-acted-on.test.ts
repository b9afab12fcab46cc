import { expect, it } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'
import { reasons } from '@bramble/shared/kinds/rules/not-acted-on-table.ts'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import { createTestApi, type Json } from '../../testing/api.ts'
import { exampleOf, urlOf } from '../../testing/examples.ts'

const kindNamed = (name: string) => kinds.find((kind) => `${apiVersionOf(kind)} ${kind.kind}` === name)
const merge = 'application/merge-patch+json'

const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }], ...spec } })
const services = '/api/v1/namespaces/default/services'

it('every line of the table is about a kind, and a field of it', () => {
  const known = ({ node }: Json, [part, ...rest]: readonly string[]): boolean => {
    const at = node.tag === 'list' ? node.item : node
    if (part === undefined) return true
    return at.fields?.has(part) === true && known({ node: at.fields.get(part).type }, rest)
  }
  for (const [name, lines] of Object.entries(reasons)) {
    const kind = kindNamed(name)
    expect(kind, name).toBeDefined()
    for (const path of Object.keys(lines)) expect(known(kind, path === '' ? [] : path.split('.')), `${name} ${path}`).toBe(true)
  }
})

it('a kind on which nothing acts is taken with a warning, which a change of its labels does not bring again', async () => {
  const { json } = await createTestApi()
  const kind = kindNamed('apps/v1 DaemonSet')
  if (kind === undefined) throw new Error('there are no DaemonSets')
  const told = 'DaemonSet: is not acted on by this version: no controller makes its pods yet'
  const made = await json('POST', urlOf(kind), { body: exampleOf(kind, 'a') })
  expect(made).toMatchObject({ code: 201, headers: { warning: expect.stringContaining(told) } })
  const patch = (body: object) => json('PATCH', `${urlOf(kind)}/a`, { body, contentType: merge })
  const labelled = await patch({ metadata: { labels: { a: 'b' } } })
  expect(labelled.code).toBe(200)
  expect(labelled.headers['warning'] ?? '').not.toContain('is not acted on')
  expect((await patch({ spec: { minReadySeconds: 3 } })).headers['warning']).toContain(told)
})

it('a field on which nothing acts is named, where it is given and asks for something', async () => {
  const { json } = await createTestApi()
  const warned = async (spec: object) => (await json('POST', `${services}?dryRun=All`, { body: service(spec) })).headers['warning']
  expect(await warned({})).toBeUndefined()
  expect(await warned({ loadBalancerIP: '10.0.0.1' })).toContain('spec.loadBalancerIP: is not acted on by this version: ')
  expect(await warned({ trafficDistribution: 'PreferClose' })).toContain('spec.trafficDistribution: is not acted on by this version: ')
})

it('the first of many items is named, and other fields of the object may change in silence', async () => {
  const { json } = await createTestApi()
  const url = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
  const hinted = (ip: string) => ({ addresses: [ip], hints: { forNodes: [{ name: 'pi-1' }] } })
  const body = {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'a' }, addressType: 'IPv4' },
    endpoints: [{ addresses: ['10.0.0.1'] }, hinted('10.0.0.2'), hinted('10.0.0.3')],
  }
  const made = await json('POST', url, { body })
  expect([made.code, made.headers['warning']?.match(/endpoints\[\d\]\.hints/g)]).toEqual([201, ['endpoints[1].hints']])
  const changed = await json('PATCH', `${url}/a`, { body: { ports: [{ port: 80 }] }, contentType: merge })
  expect([changed.code, changed.headers['warning']]).toEqual([200, undefined])
})

it('what pods ask for in vain is told too', async () => {
  const { json } = await createTestApi()
  const spec = {
    containers: [{ name: 'c', image: 'b', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }],
    priorityClassName: 'system-node-critical',
  }
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }
  const { code, headers } = await json('POST', '/api/v1/namespaces/default/pods?dryRun=All', { body })
  expect(code).toBe(201)
  for (const field of ['spec.containers[0].resizePolicy', 'spec.preemptionPolicy'])
    expect(headers['warning']).toContain(`${field}: is not acted on by this version`)
})
