import { describe, expect, it } from 'vitest'
import { apiServices } from './api-service.ts'
import { created, refusals, row, updated } from './rules/testing.ts'

const spec = { group: 'example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 15 }
const service = { namespace: 'default', name: 'api' }
const of = (change: object = {}, name = 'v1.example.com') => ({ metadata: { name }, spec: { ...spec, ...change } })

describe('an APIService', () => {
  it('is available when the hub itself answers, and else not yet', () => {
    const local = created(apiServices, of())
    expect(row(apiServices, local)).toEqual(['v1.example.com', 'Local', 'True', undefined])
    const remote = created(apiServices, of({ service }))
    expect(remote.spec.service?.port).toBe(443)
    expect(row(apiServices, remote)).toEqual(['v1.example.com', 'default/api', 'Unknown', undefined])
    expect(
      row(
        apiServices,
        updated(apiServices, local, (next) => void (next.spec.service = { ...service, port: 443 })),
      )[2],
    ).toBe('Unknown')
    expect(
      row(
        apiServices,
        updated(apiServices, remote, (next) => void delete next.spec.service),
      )[2],
    ).toBe('True')
  })

  it.each<[object, readonly unknown[]]>([
    [of(), []],
    [of({ group: '' }, 'v1.'), []],
    [of({}, 'x'), ['metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1.example.com"']],
    [of({ group: '', version: 'v2' }, 'v2.'), ['spec.group: Required value: only v1 may have an empty group and it better be legacy kube']],
    [of({ group: 'A' }, 'v1.A'), [expect.stringContaining('spec.group: Invalid value: "A": a lowercase RFC 1123 subdomain')]],
    [of({ version: '1' }, '1.example.com'), [expect.stringContaining('spec.version: Invalid value: "1": a DNS-1035 label')]],
    [
      of({ groupPriorityMinimum: 0, versionPriority: 1001 }),
      [
        'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
        'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
      ],
    ],
    [
      of({ caBundle: 'YWJj', insecureSkipTLSVerify: true }),
      [
        'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
        'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
      ],
    ],
    [
      of({ service: { port: 70_000 }, caBundle: 'YWJj', insecureSkipTLSVerify: true }),
      [
        'spec.service.namespace: Required value',
        'spec.service.name: Required value',
        'spec.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive',
        'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
      ],
    ],
  ])('%j is told: %j', (input, errors) => {
    expect(refusals(apiServices, input)).toEqual(errors)
  })
})
