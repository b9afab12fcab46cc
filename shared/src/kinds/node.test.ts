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
      'spec.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}',
    ])
  })
})
