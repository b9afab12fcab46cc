import { describe, expect, it } from 'vitest'
import { createTestApi, type Json, nodeUser, pod } from '../testing/api.ts'

const url = '/api/v1/namespaces/default'
const merge = 'application/merge-patch+json'

/** An object as a hub with other rules has stored it. */
async function storedAs(api: Awaited<ReturnType<typeof createTestApi>>, key: string, change: (object: Json) => void) {
  const entry = api.store.get(key)
  if (entry === undefined) throw new Error(`${key} is not there`)
  const object = JSON.parse(entry.value) as Json
  change(object)
  await api.store.update(key, JSON.stringify(object), entry.revision)
}

describe('an object that was stored before a rule', () => {
  it('takes the status of its node, new labels and the end of its finalizers, and no second fault', async () => {
    const api = await createTestApi()
    await api.json('POST', `${url}/pods`, { body: pod('a', { nodeName: 'n' }, { finalizers: ['example.com/held'] }) })
    await storedAs(api, '/core/pods/default/a', ({ spec }) => {
      spec.containers[0].ports = [{ containerPort: 80, hostPort: 80, hostIP: '01.2.3.4', protocol: 'TCP' }]
    })
    const patch = (path: string, body: object, user = nodeUser('n')) =>
      api.json('PATCH', `${url}/pods/a${path}`, { body, contentType: merge, user })
    const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }
    expect(await patch('/status', { status: { phase: 'Running' } })).toMatchObject({ code: 200, body: { status: { phase: 'Running' } } })
    expect((await patch('', { metadata: { labels: { a: 'b' } } }, admin)).code).toBe(200)
    expect((await patch('', { metadata: { labels: { 'not a label': 'b' } } }, admin)).code).toBe(422)
    expect((await patch('/status', { status: { hostIP: '05.6.7.8' } })).code).toBe(422)
    const changed = await patch('', { spec: { containers: [{ name: 'main', image: 'other' }] } }, admin)
    expect(changed.code).toBe(422)
    await api.json('DELETE', `${url}/pods/a?gracePeriodSeconds=0`)
    expect((await patch('', { metadata: { finalizers: null } }, admin)).code).toBe(200)
    expect((await api.json('GET', `${url}/pods/a`)).code).toBe(404)
  })

  it('does not count as changed by what this hub fills in and that one did not', async () => {
    const api = await createTestApi()
    await api.json('POST', `${url}/pods`, { body: pod('a') })
    await storedAs(api, '/core/pods/default/a', ({ spec }) => {
      delete spec.enableServiceLinks
      delete spec.containers[0].terminationMessagePolicy
    })
    const labelled = await api.json('PATCH', `${url}/pods/a`, { body: { metadata: { labels: { a: 'b' } } }, contentType: merge })
    expect(labelled).toMatchObject({ code: 200, body: { metadata: { labels: { a: 'b' } } } })
    const other = await api.json('PATCH', `${url}/pods/a`, { body: { spec: { enableServiceLinks: false } }, contentType: merge })
    expect(other.code).toBe(422)
  })

  it('may be as wrong as it was, and in what is changed about that part no longer', async () => {
    const api = await createTestApi()
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { ports: [{ port: 80 }], externalIPs: ['192.0.2.1'] },
    }
    await api.json('POST', `${url}/services`, { body: service })
    await storedAs(api, '/core/services/default/s', ({ spec }) => (spec.externalIPs = ['127.0.0.1']))
    const patch = (body: object) => api.json('PATCH', `${url}/services/s`, { body, contentType: merge })
    expect((await patch({ metadata: { annotations: { a: 'b' } } })).code).toBe(200)
    expect((await patch({ spec: { sessionAffinity: 'ClientIP' } })).code).toBe(422)
    expect((await patch({ spec: { externalIPs: ['192.0.2.2'] } })).code).toBe(200)
  })
})
