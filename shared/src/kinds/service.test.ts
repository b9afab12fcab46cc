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
      'more ports than nodes can have for each endpoint among their rules',
      { ports: Array.from({ length: 251 }, (_, i) => ({ name: `p${i}`, port: 1 + i })) },
      'spec.ports: Too many: 251: must have at most 250 items',
    ],
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

  it.each([
    [
      { loadBalancerSourceRanges: ['10.0.0.0/33'] },
      ['spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ],
    [
      { loadBalancerSourceRanges: ['office', ' 10.0.0.0/8 '] },
      ['spec.LoadBalancerSourceRanges[0]: Invalid value: "office": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ],
    [
      { type: 'NodePort', loadBalancerSourceRanges: ['10.0.0.0/8', 'x'] },
      [
        "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
        'spec.LoadBalancerSourceRanges[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ],
    ],
    [{ loadBalancerSourceRanges: ['10.0.0.0/8', '2001:db8::/64', '192.168.1.7/24'] }, []],
  ])('%j as a firewall: %j', (spec, expected) => {
    expect(refusals(services, service({ type: 'LoadBalancer', ...spec }))).toEqual(expected)
  })

  it('has its source ranges checked in the annotation too, which is their older form', () => {
    const annotated = (value: string, spec: object = {}) => {
      const key = 'service.beta.kubernetes.io/load-balancer-source-ranges'
      const object = service({ type: 'LoadBalancer', ...spec })
      return refusals(services, { ...object, metadata: { ...object.metadata, annotations: { [key]: value } } })
    }
    expect(annotated('10.0.0.0/8, 192.168.0.0/16')).toEqual([])
    expect(annotated('office')[0]).toMatch(
      /^metadata.annotations\[service.beta.kubernetes.io\/load-balancer-source-ranges\]: Invalid value: "office"/,
    )
    expect(annotated('10.0.0.0/8', { type: 'ClusterIP' })[0]).toMatch(/Forbidden: may only be used when `type` is 'LoadBalancer'$/)
  })

  it('takes no external address that is another place on each machine', () => {
    expect(
      refusals(services, service({ externalIPs: ['127.0.0.1', '169.254.1.1', '224.0.0.1', '0.0.0.0', '::1', '203.0.113.7'] })),
    ).toEqual([
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'spec.externalIPs[1]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[2]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'spec.externalIPs[3]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'spec.externalIPs[4]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ])
  })

  it.each([
    [{ ip: 'é' }, 'status.loadBalancer.ingress[0].ip: Invalid value: "é": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    [{ hostname: '10.0.0.1' }, 'status.loadBalancer.ingress[0].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
    [{ ip: '10.0.0.1', ipMode: 'x' }, 'status.loadBalancer.ingress[0].ipMode: Unsupported value: "x": supported values: "Proxy", "VIP"'],
    [
      { hostname: 'a.example.com', ipMode: 'VIP' },
      'status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set',
    ],
  ])('with the ingress %j is refused', (ingress, refusal) => {
    const object = created(services, service({ type: 'LoadBalancer' }))
    object.status = { loadBalancer: { ingress: [ingress] } }
    expect(services.validate?.(object).map(({ field, message }) => `${field}: ${message}`)).toEqual([refusal])
  })

  it('has a port for the health checks of a load balancer only where such a one asks the nodes', () => {
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }
    expect(refusals(services, service({ ...local, healthCheckNodePort: 30_000 }))).toEqual([])
    expect(refusals(services, service({ ...local, healthCheckNodePort: -1 }))).toEqual([
      'spec.healthCheckNodePort: Invalid value: -1: must be between 1 and 65535, inclusive',
    ])
    expect(refusals(services, service({ ...local, externalTrafficPolicy: 'Cluster', healthCheckNodePort: 30_000 }))).toEqual([
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ])
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
