import { describe, expect, it } from 'vitest'
import { created, refusals, row, updateRefusals, updated } from './rules/testing.ts'
import { services } from './service.ts'

const service = (spec: object = {}) => ({ metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec } })

describe('a service', () => {
  it('gets the defaults of Kubernetes', () => {
    expect(created(services, service({ type: 'NodePort' }))).toMatchObject({
      spec: {
        type: 'NodePort',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        externalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
      },
      status: { loadBalancer: {} },
    })
    expect(created(services, service({ sessionAffinity: 'ClientIP' })).spec.sessionAffinityConfig).toEqual({
      clientIP: { timeoutSeconds: 10_800 },
    })
    expect(created(services, service({ clusterIP: 'None' })).spec.clusterIPs).toEqual(['None'])
  })

  it.each<[string, object, string]>([
    ['no ports', { ports: [] }, 'spec.ports: Required value'],
    [
      'a port out of range',
      { ports: [{ port: 0, targetPort: 80 }] },
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      'a target out of range',
      { ports: [{ port: 80, targetPort: 70_000 }] },
      'spec.ports[0].targetPort: Invalid value: 70000: must be between',
    ],
    ['one of two ports without a name', { ports: [{ port: 80, name: 'a' }, { port: 81 }] }, 'spec.ports[1].name: Required value'],
    [
      'two ports of one name',
      {
        ports: [
          { port: 80, name: 'a' },
          { port: 81, name: 'a' },
        ],
      },
      'spec.ports[1].name: Duplicate value: "a"',
    ],
    [
      'one port twice',
      {
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'b' },
        ],
      },
      'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}',
    ],
    [
      'a node port without being of that type',
      { ports: [{ port: 80, nodePort: 30_000 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    ['an address that is none', { clusterIP: '10.43' }, 'spec.clusterIPs[0]: Invalid value: "10.43": must be a valid IP address'],
    ['an outside name that is missing', { type: 'ExternalName', selector: undefined }, 'spec.externalName: Required value'],
  ])('is refused for %s', (_why, spec, expected) => {
    const found = refusals(services, service(spec))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(expected)
  })

  it('needs no ports when it is headless', () => {
    expect(refusals(services, service({ clusterIP: 'None', ports: [] }))).toEqual([])
  })

  it('keeps the address and node port it was given when an update leaves them out', () => {
    const before = created(services, service({ type: 'NodePort', clusterIP: '10.43.0.7', ports: [{ port: 80, nodePort: 30_080 }] }))
    const after = updated(services, before, (object) => {
      delete object.spec.clusterIP
      delete object.spec.clusterIPs
      object.spec.ports = [{ port: 80, protocol: 'TCP', name: 'http' }]
    })
    expect(after.spec).toMatchObject({ clusterIP: '10.43.0.7', clusterIPs: ['10.43.0.7'], ports: [{ nodePort: 30_080 }] })
    const inside = updated(services, before, (object) => Object.assign(object.spec, { type: 'ClusterIP' }))
    expect(inside.spec.ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }])
    expect(services.validate?.(inside)).toEqual([])
    expect(
      updateRefusals(services, before, (object) => Object.assign(object.spec, { clusterIP: '10.43.0.8', clusterIPs: ['10.43.0.8'] })),
    ).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.43.0.8"]: may not change once set'])
  })

  it.each<[object, unknown[]]>([
    [{ clusterIP: '10.43.0.7' }, ['ClusterIP', '10.43.0.7', '<none>', '80/TCP']],
    [
      {
        type: 'NodePort',
        clusterIP: '10.43.0.7',
        ports: [
          { port: 80, nodePort: 30_080 },
          { port: 53, protocol: 'UDP', name: 'dns' },
        ],
      },
      ['NodePort', '10.43.0.7', '<none>', '80:30080/TCP,53/UDP'],
    ],
    [{ type: 'LoadBalancer', clusterIP: '10.43.0.7' }, ['LoadBalancer', '10.43.0.7', '<pending>', '80/TCP']],
    [{ clusterIP: 'None', ports: [] }, ['ClusterIP', 'None', '<none>', '<none>']],
    [{ type: 'ExternalName', externalName: 'db.example.com' }, ['ExternalName', '<none>', 'db.example.com', '80/TCP']],
  ])('%j is printed as %j', (spec, cells) => {
    expect(row(services, created(services, service(spec)), { wide: true })).toEqual(['web', ...cells, undefined, 'app=web'])
  })
})
