import { describe, expect, it } from 'vitest'
import { endpointSlices } from './endpoint-slice.ts'
import { endpoints } from './endpoints.ts'
import { events } from './event.ts'
import { namespaces } from './namespace.ts'
import { created, refusals, row, updated } from './rules/testing.ts'

describe('an event', () => {
  const event = {
    metadata: { name: 'web.1', namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'web', fieldPath: 'spec.containers{app}' },
    reason: 'Pulled',
    message: ' done \n',
    type: 'Normal',
    source: { component: 'kubelet', host: 'pi-1' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:05:00Z',
    count: 3,
  }

  it('is printed with when it was last seen', () => {
    expect(row(events, created(events, event))).toEqual(['2026-01-01T00:05:00Z', 'Normal', 'Pulled', 'pod/web', 'done'])
    expect(row(events, created(events, event), { wide: true })).toEqual([
      '2026-01-01T00:05:00Z',
      'Normal',
      'Pulled',
      'pod/web',
      'spec.containers{app}',
      'kubelet, pi-1',
      'done',
      '2026-01-01T00:00:00Z',
      3,
      'web.1',
    ])
  })

  it('stands in the namespace of its object, or in default', () => {
    expect(refusals(events, event)).toEqual([])
    expect(refusals(events, { ...event, involvedObject: { kind: 'Node', name: 'pi-1' } })).toEqual([])
    expect(refusals(events, { ...event, involvedObject: { ...event.involvedObject, namespace: 'other' } })).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ])
  })
})

describe('a namespace', () => {
  it('is active, labelled with its name and held until it is emptied', () => {
    const object = created(namespaces, { metadata: { name: 'a' } })
    expect(object).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    })
    const after = updated(namespaces, object, (next) => {
      delete next.metadata.labels
      next.spec = { finalizers: [] }
    })
    expect(after).toMatchObject({ metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } }, spec: { finalizers: ['kubernetes'] } })
  })
})

describe('endpoints', () => {
  const addresses = ['10.42.0.1', '10.42.0.2', '10.42.0.3', '10.42.0.4']

  it('are printed with the first three', () => {
    const object = created(endpoints, {
      metadata: { name: 'a' },
      subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ port: 80 }] }],
    })
    expect(row(endpoints, object)[1]).toBe('10.42.0.1:80,10.42.0.2:80,10.42.0.3:80 + 1 more...')
    const slice = created(endpointSlices, {
      metadata: { name: 'a' },
      addressType: 'IPv4',
      endpoints: addresses.map((ip) => ({ addresses: [ip] })),
      ports: [{ port: 80 }],
    })
    expect(row(endpointSlices, slice)).toEqual(['a', 'IPv4', '80', '10.42.0.1,10.42.0.2,10.42.0.3 + 1 more...', undefined])
    expect(slice.ports).toEqual([{ name: '', port: 80, protocol: 'TCP' }])
  })

  it('are refused with addresses that are none', () => {
    expect(
      refusals(endpointSlices, { metadata: { name: 'a' }, addressType: 'IPv4', endpoints: [{ addresses: [] }, { addresses: ['x'] }] }),
    ).toEqual([
      'endpoints[0].addresses: Required value: must contain at least 1 address',
      'endpoints[1].addresses[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ])
  })
})
