import { describe, expect, it } from 'vitest'
import { nodes } from './node.ts'
import { created, refusals, row, updateRefusals } from './rules/testing.ts'

const ready = (status: string) => ({ conditions: [{ type: 'Ready', status }] })
const node = (spec: object = {}, status: object = {}) => ({ metadata: { name: 'pi-1', labels: {} }, spec, status })

describe('a node', () => {
  it.each([
    [{}, {}, 'Unknown'],
    [{}, ready('True'), 'Ready'],
    [{ unschedulable: true }, ready('True'), 'Ready,SchedulingDisabled'],
    [{}, ready('Unknown'), 'NotReady'],
    [{}, ready('False'), 'NotReady'],
  ])('with %j and %j is printed as %j %s', (spec, status, text) => {
    expect(row(nodes, created(nodes, node(spec, status)))[1]).toBe(text)
  })

  it('is printed with its roles, addresses and versions', () => {
    const object = created(nodes, {
      metadata: { name: 'pi-1', labels: { 'node-role.kubernetes.io/edge': '', 'node-role.kubernetes.io/camera': '' } },
      status: {
        ...ready('True'),
        addresses: [{ type: 'InternalIP', address: '192.168.1.7' }],
        nodeInfo: { kubeletVersion: 'v1.35.0', osImage: 'Debian', kernelVersion: '6.1', containerRuntimeVersion: 'containerd://1.7' },
      },
    })
    expect(row(nodes, object, { wide: true })).toEqual([
      'pi-1',
      'Ready',
      'camera,edge',
      undefined,
      'v1.35.0',
      '192.168.1.7',
      '<none>',
      'Debian',
      '6.1',
      'containerd://1.7',
    ])
  })

  it('gets a pod network once', () => {
    const before = created(nodes, node({ podCIDR: '10.42.1.0/24' }))
    expect(before.spec?.podCIDRs).toEqual(['10.42.1.0/24'])
    const moved = { podCIDR: '10.42.2.0/24', podCIDRs: ['10.42.2.0/24'] }
    expect(updateRefusals(nodes, before, (object) => Object.assign(object, { spec: moved }))).toEqual([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    ])
    expect(updateRefusals(nodes, created(nodes, node()), (object) => Object.assign(object, { spec: moved }))).toEqual([])
  })

  it('is refused for the same taint twice', () => {
    const taint = { key: 'a', effect: 'NoSchedule' }
    expect(refusals(nodes, node({ taints: [taint, { ...taint, value: 'b' }] }))).toEqual([
      'metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}',
    ])
  })

  it.each([
    ['10.42.1.0', 'spec.podCIDRs[0]: Invalid value: "10.42.1.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ['10.42.01.0/24', 'spec.podCIDRs[0]: Invalid value: "10.42.01.0/24": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    [
      '10.42.1.7/24',
      'spec.podCIDRs[0]: Invalid value: "10.42.1.7/24": must not have bits set beyond the prefix length: expected 10.42.1.0/24',
    ],
  ])('with the pod network %s is refused, so that hub and agents never read it differently', (podCIDR, refusal) => {
    expect(refusals(nodes, node({ podCIDR }))).toEqual([refusal])
  })

  it('has one pod network of each family', () => {
    expect(refusals(nodes, node({ podCIDRs: ['10.42.1.0/24', 'fd00:1::/64'] }))).toEqual([])
    expect(refusals(nodes, node({ podCIDRs: ['10.42.1.0/24', '10.42.2.0/24'] }))).toEqual([
      'spec.podCIDRs: Invalid value: ["10.42.1.0/24","10.42.2.0/24"]: may specify no more than one CIDR for each IP family',
    ])
  })

  it('tells of 50 images at most, and is bounded in all that it tells', () => {
    const times = (count: number, item: object | string = {}) => Array.from({ length: count }, () => item)
    expect(refusals(nodes, node({}, { images: times(50) }))).toEqual([])
    expect(refusals(nodes, node({}, { images: times(51) }))).toEqual(['status.images: Too many: 51: must have at most 50 items'])
    expect(refusals(nodes, node({}, { images: times(1_000_000) }))).toHaveLength(1)
    expect(refusals(nodes, node({}, { images: [{ names: times(51, 'a') }] }))).toEqual([
      'status.images[0].names: Too many: 51: must have at most 50 items',
    ])
    expect(refusals(nodes, node({}, { addresses: times(65, { type: 'InternalIP', address: '1.2.3.4' }) }))).toEqual([
      'status.addresses: Too many: 65: must have at most 64 items',
    ])
    expect(refusals(nodes, node({}, { conditions: times(129, { type: 'A', status: 'True' }) }))).toHaveLength(1)
    expect(refusals(nodes, node({}, { nodeInfo: { osImage: 'x'.repeat(300_000) } }))).toEqual([
      'status: Too long: may not be more than 262144 bytes',
    ])
  })
})
