import { describe, expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'

const at = '/api/v1/namespaces/default/services'
const service = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec })
const taken = {
  code: 422,
  body: {
    details: { causes: [{ field: 'spec.ports[0].nodePort', message: expect.stringContaining('provided port is already allocated') }] },
  },
}

describe('node ports', () => {
  it('are numbers that one Service has, whatever protocol it has them for', async () => {
    const { json } = await createTestApi()
    const tcp = { type: 'NodePort', ports: [{ port: 53, protocol: 'TCP', nodePort: 30053 }] }
    const udp = { type: 'NodePort', ports: [{ port: 53, protocol: 'UDP', nodePort: 30053 }] }
    expect((await json('POST', at, { body: service('a', tcp) })).code).toBe(201)
    expect(await json('POST', at, { body: service('b', udp) })).toMatchObject(taken)
    expect((await json('DELETE', `${at}/a`)).code).toBe(200)
    expect((await json('POST', at, { body: service('b', udp) })).code).toBe(201)
  })

  it('of one Service may be the same for two protocols of a port, and for no other port', async () => {
    const { json } = await createTestApi()
    const both = [
      { name: 't', port: 53, protocol: 'TCP', nodePort: 30053 },
      { name: 'u', port: 53, protocol: 'UDP', nodePort: 30053 },
    ]
    expect((await json('POST', at, { body: service('a', { type: 'NodePort', ports: both }) })).code).toBe(201)
    const drawn = both.map(({ name, port, protocol }) => ({ name, port, protocol }))
    const { body } = await json('POST', at, { body: service('b', { type: 'NodePort', ports: drawn }) })
    expect(body.spec.ports[0].nodePort).toBe(body.spec.ports[1].nodePort)
    const other = [
      { ...both[0], nodePort: 30054 },
      { ...both[1], port: 54, nodePort: 30054 },
    ]
    expect((await json('POST', at, { body: service('c', { type: 'NodePort', ports: other }) })).code).toBe(422)
  })

  it('are also taken for the health checks of a load balancer, and go with them', async () => {
    const { json } = await createTestApi()
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30080 }] }
    const { code, body } = await json('POST', at, { body: service('a', local) })
    const { healthCheckNodePort } = body.spec
    expect([code, healthCheckNodePort >= 30_000 && healthCheckNodePort <= 32_767]).toEqual([201, true])
    const wants = { type: 'NodePort', ports: [{ port: 80, nodePort: healthCheckNodePort }] }
    expect(await json('POST', at, { body: service('b', wants) })).toMatchObject(taken)
    // Applying what one wrote does not take it away, and it cannot be another one.
    expect((await json('PUT', `${at}/a`, { body: service('a', local) })).body.spec.healthCheckNodePort).toBe(healthCheckNodePort)
    const changed = service('a', { ...local, healthCheckNodePort: healthCheckNodePort === 30_001 ? 30_002 : 30_001 })
    expect(await json('PUT', `${at}/a`, { body: changed })).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: 'spec.healthCheckNodePort', message: 'Forbidden: field is immutable' }] } },
    })
    const cluster = service('a', { ...local, externalTrafficPolicy: 'Cluster' })
    expect((await json('PUT', `${at}/a`, { body: cluster })).body.spec.healthCheckNodePort).toBeUndefined()
    expect((await json('POST', at, { body: service('b', wants) })).code).toBe(201)
    expect(await json('POST', at, { body: service('c', { ports: [{ port: 1 }], healthCheckNodePort: 30_009 }) })).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: 'spec.healthCheckNodePort' }] } },
    })
    const asked = { ...local, ports: [{ port: 81 }], healthCheckNodePort: 30080 }
    expect(await json('POST', at, { body: service('d', asked) })).toMatchObject({
      code: 500,
      body: {
        message: 'Internal error occurred: failed to allocate requested HealthCheck NodePort 30080: provided port is already allocated',
      },
    })
  })
})
