import { describe, expect, it } from 'vitest'
import { ingressClasses } from './ingress-class.ts'
import { ingresses } from './ingress.ts'
import { created, refusals, row, updateRefusals, updated } from './rules/testing.ts'

const service = (port: object = { number: 80 }, name = 'web') => ({ service: { name, port } })
const path = (rest: object = {}) => ({ path: '/', pathType: 'Prefix', backend: service(), ...rest })
const ingress = (spec: object = {}, annotations?: object) => ({ metadata: { name: 'i', annotations }, spec })
const paths = (...all: object[]) => ({ rules: [{ http: { paths: all } }] })
const first = 'spec.rules[0].http.paths[0]'

describe('an ingress', () => {
  it.each<[string, object, string[]]>([
    ['nothing to do', {}, ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
    [
      'hosts that are none',
      {
        rules: [{ host: '10.0.0.1' }, { host: 'A.b' }, { host: '*.x.y' }, { host: 'a.*.b' }],
        tls: [{ hosts: ['ok', '*'], secretName: 'S' }],
      },
      [
        'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
        expect.stringMatching(/^spec\.rules\[1\]\.host: Invalid value: "A\.b": a lowercase RFC 1123 subdomain/) as unknown as string,
        expect.stringMatching(
          /^spec\.rules\[3\]\.host: Invalid value: "a\.\*\.b": a wildcard DNS-1123 subdomain must start with '\*\.'/,
        ) as unknown as string,
        expect.stringMatching(/^spec\.tls\[0\]\.hosts\[1\]: Invalid value: "\*": a wildcard/) as unknown as string,
        expect.stringMatching(/^spec\.tls\[0\]\.secretName: Invalid value: "S"/) as unknown as string,
      ],
    ],
    ['a host without paths', { rules: [{ http: {} }] }, ['spec.rules[0].http.paths: Required value']],
    ['a path of no type', paths(path({ pathType: undefined })), [`${first}.pathType: Required value: pathType must be specified`]],
    [
      'a path of another type',
      paths(path({ pathType: 'Regex' })),
      [`${first}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
    ],
    [
      'odd paths',
      paths(
        path({ path: 'a//b/..' }),
        path({ path: 'x', pathType: 'ImplementationSpecific' }),
        path({ path: '', pathType: 'ImplementationSpecific' }),
      ),
      [
        `${first}.path: Invalid value: "a//b/..": must be an absolute path`,
        `${first}.path: Invalid value: "a//b/..": must not contain '//'`,
        `${first}.path: Invalid value: "a//b/..": cannot end with '/..'`,
        'spec.rules[0].http.paths[1].path: Invalid value: "x": must be an absolute path',
      ],
    ],
    ['a way to nowhere', paths(path({ backend: {} })), [`${first}.backend: Invalid value: "": resource or service backend is required`]],
    [
      'a way to two places',
      { defaultBackend: { ...service(), resource: { kind: 'Bucket', name: 'b' } } },
      ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
    ],
    [
      'ports that are none',
      {
        ...paths(path({ backend: service({}) }), path({ backend: service({ name: 'a', number: 1 }) })),
        defaultBackend: service({ number: 70_000 }),
      },
      [
        'spec.defaultBackend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive',
        `${first}.backend: Required value: port name or number is required`,
        'spec.rules[0].http.paths[1].backend: Invalid value: "": cannot set both port name & port number',
      ],
    ],
    [
      'a resource that is not told',
      { defaultBackend: { resource: { kind: '', name: '' } } },
      [
        'spec.defaultBackend.resource.kind: Required value: kind is required',
        'spec.defaultBackend.resource.name: Required value: name is required',
      ],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(ingresses, ingress(spec))).toEqual(expected)
  })

  it('has its class in one place, and is warned of the old one', () => {
    const old = { 'kubernetes.io/ingress.class': 'nginx' }
    expect(refusals(ingresses, ingress({ ...paths(path()), ingressClassName: 'a' }, old))).toEqual([
      'annotations.kubernetes.io/ingress.class: Invalid value: "nginx": can not be set when the class field is also set',
    ])
    const object = created(ingresses, ingress(paths(path()), old))
    expect(ingresses.warnings?.(object)).toEqual([
      `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
    ])
    expect(updateRefusals(ingresses, object, ({ spec }) => void (spec.ingressClassName = 'a'))).toEqual([])
  })

  it('is printed with its hosts and addresses', () => {
    const hosts = ['a.x', 'b.x', 'c.x', 'd.x'].map((host) => ({ host, http: { paths: [path()] } }))
    const object = created(ingresses, {
      ...ingress({ rules: hosts, tls: [{}], ingressClassName: 'nginx' }),
      status: { loadBalancer: { ingress: [{ ip: '1.1.1.1' }] } },
    })
    expect(row(ingresses, object)).toEqual(['i', 'nginx', 'a.x,b.x,c.x + 1 more...', '', '80, 443', undefined])
    object.status = { loadBalancer: { ingress: [{ ip: '10.0.0.1' }, { hostname: 'h' }] } }
    expect(row(ingresses, object)[3]).toBe('10.0.0.1,h')
    expect(row(ingresses, created(ingresses, ingress(paths(path()))))).toEqual(['i', '<none>', '*', '', '80', undefined])
    expect(
      updateRefusals(ingresses, object, (next) => void (next.status = { loadBalancer: { ingress: [{ ip: 'x', hostname: '1.2.3.4' }] } })),
    ).toEqual([
      'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address',
      'status.loadBalancer.ingress[0].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    ])
  })
})

describe('an ingress class', () => {
  const ingressClass = (spec: object) => ({ metadata: { name: 'nginx' }, spec: { controller: 'k8s.io/ingress-nginx', ...spec } })
  const parameters = { apiGroup: 'example.com', kind: 'Setup', name: 's' }

  it.each<[string, object, string[]]>([
    ['no controller', { controller: '' }, ['spec.controller: Required value']],
    [
      'a controller of nobody',
      { controller: 'nginx' },
      ['spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      'a controller that is too long',
      { controller: `a/${'b'.repeat(250)}` },
      ['spec.controller: Too long: may not be more than 250 bytes'],
    ],
    [
      'parameters of a namespace that is not told',
      { parameters: { ...parameters, scope: 'Namespace' } },
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
    [
      'parameters of the cluster in a namespace',
      { parameters: { ...parameters, namespace: 'n' } },
      ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
    ],
    [
      'another scope',
      { parameters: { ...parameters, scope: 'Node' } },
      ['spec.parameters.scope: Unsupported value: "Node": supported values: "Cluster", "Namespace"'],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(ingressClasses, ingressClass(spec))).toEqual(expected)
  })

  it('keeps its controller and is printed with it', () => {
    const object = created(ingressClasses, ingressClass({ parameters }))
    expect(row(ingressClasses, object)).toEqual(['nginx', 'k8s.io/ingress-nginx', 'Setup.example.com/s', undefined])
    expect(updateRefusals(ingressClasses, object, ({ spec = {} }) => void (spec.controller = 'a/b'))).toEqual([
      'spec.controller: Invalid value: "a/b": field is immutable',
    ])
    expect(updated(ingressClasses, object, ({ spec = {} }) => void delete spec.parameters).metadata.generation).toBe(2)
  })
})
