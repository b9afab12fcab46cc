import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { endpointSlices, pods, services } from '../resources.ts'
import { service, slice } from './testing/objects.ts'
import { canSend, createPacketBed, inNamespace, until, whyNot } from './testing/packet-bed.ts'

describe.skipIf(!canSend)(`the rules with real packets${whyNot}`, () => {
  const bed = createPacketBed('p')
  const { id, node, cache, start, stop, serve, call, put, settled } = bed
  beforeAll(bed.begin, 60_000)
  afterAll(bed.end)

  test('a ClusterIP is reached from a pod, from the node and from itself, and the server sees who called', async () => {
    await put(
      [services, service('web', { clusterIP: '10.43.0.10', ports: [{ port: 80 }] })],
      [endpointSlices, slice('web', 8080, [['10.42.1.11', 'n1']])],
    )
    expect(await call('b', '10.43.0.10:80')).toBe('a 10.42.1.12')
    expect(await call('n', '10.43.0.10:80')).toBe('a 198.51.100.1')
    expect(await call('a', '10.43.0.10:80')).toBe('a 10.42.1.1') // itself, through the node's address
  })

  test('a remote endpoint sees the pod, and the node instead of a client from outside the cluster', async () => {
    await put(
      [services, service('far', { clusterIP: '10.43.0.11', ports: [{ port: 80 }], type: 'NodePort', nodePort: 30011 })],
      [endpointSlices, slice('far', 8080, [['10.42.2.21', 'n2']])],
    )
    expect(await call('a', '10.43.0.11:80')).toBe('remote 10.42.1.11')
    expect(await call('n', '10.43.0.11:80')).toBe('remote 198.51.100.1')
    expect(await call('o', '198.51.100.1:30011')).toBe('remote 198.51.100.1')
  })

  test('connections are spread over the endpoints, and one that leaves gets no more', async () => {
    const both = [
      ['10.42.1.11', 'n1'],
      ['10.42.1.12', 'n1'],
    ] as const
    await put([services, service('two', { clusterIP: '10.43.0.12', ports: [{ port: 80 }] })], [endpointSlices, slice('two', 8080, both)])
    const answers = new Set<string>()
    await until(async () => answers.add(await call('n', '10.43.0.12:80')).size === 2)
    await put([endpointSlices, slice('two', 8080, [both[1]])])
    for (let n = 0; n < 5; n++) expect(await call('n', '10.43.0.12:80')).toMatch(/^b/)
  })

  test('a node port answers on every address of the node, localhost included', async () => {
    await put(
      [services, service('np', { clusterIP: '10.43.0.13', type: 'NodePort', nodePort: 30013, ports: [{ port: 80 }] })],
      [endpointSlices, slice('np', 8080, [['10.42.1.12', 'n1']])],
    )
    expect(await call('o', '198.51.100.1:30013')).toBe('b 198.51.100.2')
    expect(await call('n', '198.51.100.1:30013')).toBe('b 198.51.100.1')
    expect(await call('n', '127.0.0.1:30013')).toBe('b 10.42.1.1')
    expect(await call('a', '198.51.100.1:30013')).toBe('b 10.42.1.11')
    expect(await call('b', '10.42.1.1:30013')).toBe('b 10.42.1.1')
  })

  test('UDP is served too, and a client leaves an endpoint that went', async () => {
    const ports = [{ port: 53, protocol: 'UDP' }]
    await put(
      [services, service('dns', { clusterIP: '10.43.0.14', ports })],
      [endpointSlices, slice('dns', 5353, [['10.42.1.11', 'n1']], 'UDP')],
    )
    expect(await call('b', '10.43.0.14:53', 'UDP', ',sourceport=40000')).toMatch(/^a /)
    await put([endpointSlices, slice('dns', 5353, [['10.42.2.21', 'n2']], 'UDP')])
    expect(await call('b', '10.43.0.14:53', 'UDP', ',sourceport=40000')).toMatch(/^remote /)
  })

  test('a Service without endpoints refuses at once, and so do a port and an address that no Service has', async () => {
    await put([services, service('none', { clusterIP: '10.43.0.15', type: 'NodePort', nodePort: 30015, ports: [{ port: 80 }] })])
    for (const from of ['a', 'n']) expect(await call(from, '10.43.0.15:80')).toBe('refused')
    expect(await call('o', '198.51.100.1:30015')).toBe('refused')
    expect(await call('n', '127.0.0.1:30015')).toBe('refused')
    for (const from of ['a', 'n']) expect(await call(from, '10.43.0.15:81')).toBe('refused')
    for (const from of ['a', 'n']) expect(await call(from, '10.43.9.9:80')).toBe('refused')
  })

  test("with externalTrafficPolicy Local only this node's endpoints serve outsiders, who keep their address", async () => {
    const spec = { clusterIP: '10.43.0.16', type: 'NodePort', nodePort: 30016, externalTrafficPolicy: 'Local', ports: [{ port: 80 }] }
    await put(
      [services, service('loc', spec)],
      [
        endpointSlices,
        slice('loc', 8080, [
          ['10.42.1.11', 'n1'],
          ['10.42.2.21', 'n2'],
        ]),
      ],
    )
    for (let n = 0; n < 5; n++) expect(await call('o', '198.51.100.1:30016')).toBe('a 198.51.100.2')
    await put([endpointSlices, slice('loc', 8080, [['10.42.2.21', 'n2']])])
    expect(await call('o', '198.51.100.1:30016')).toBe('timed out')
    expect(await call('a', '198.51.100.1:30016')).toMatch(/^remote/)
  })

  test('with session affinity a client stays with its endpoint until that one leaves', async () => {
    const both = [
      ['10.42.1.11', 'n1'],
      ['10.42.1.12', 'n1'],
      ['10.42.2.21', 'n2'],
    ] as const
    await put(
      [services, service('aff', { clusterIP: '10.43.0.17', sessionAffinity: 'ClientIP', ports: [{ port: 80 }] })],
      [endpointSlices, slice('aff', 8080, both)],
    )
    const first = (await call('n', '10.43.0.17:80')).split(' ')[0]
    for (let n = 0; n < 8; n++) expect((await call('n', '10.43.0.17:80')).split(' ')[0]).toBe(first)
    const left = both.filter(([ip]) => ip !== { a: '10.42.1.11', b: '10.42.1.12', remote: '10.42.2.21' }[first as 'a'])
    await put([endpointSlices, slice('aff', 8080, left)])
    const second = (await call('n', '10.43.0.17:80')).split(' ')[0]
    expect(second).not.toBe(first)
    // Another Service changes: the choice is kept.
    await put([services, service('other', { clusterIP: '10.43.0.18', ports: [{ port: 80 }] })])
    for (let n = 0; n < 5; n++) expect((await call('n', '10.43.0.17:80')).split(' ')[0]).toBe(second)
  })

  test('an established connection outlives every change of other Services and the agent itself', async () => {
    await put(
      [services, service('long', { clusterIP: '10.43.0.19', ports: [{ port: 80 }] })],
      [endpointSlices, slice('long', 8080, [['10.42.1.11', 'n1']])],
    )
    const held = spawn('nsenter', [`--net=/run/netns/${id}b`, 'socat', '-t10', '-', 'TCP:10.43.0.19:80'])
    const told = text(held.stdout)
    await until(async () => (await inNamespace(`${id}b`)('ss', ['-Htn', 'state', 'established'])).stdout.includes('10.43.0.19:80'))
    await put([services, service('noise', { clusterIP: '10.43.0.20', ports: [{ port: 80 }] })])
    await put([endpointSlices, slice('noise', 8080, [['10.42.1.12', 'n1']])])
    await put([endpointSlices, slice('long', 8080, [['10.42.1.12', 'n1']])])
    await stop()
    start()
    await bed.proxy.settled()
    held.stdin.end('late\n')
    expect(await told).toMatch(/^a /)
  })

  test('a host port of a local pod is reached from outside and from the node', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'hp', namespace: 'default', uid: 'u1' },
      spec: { containers: [{ name: 'c', ports: [{ containerPort: 8080, hostPort: 9090 }] }] },
      status: { podIP: '10.42.1.12', phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    } as unknown as KubeObject
    await put([pods, pod])
    expect(await call('o', '198.51.100.1:9090')).toBe('b 198.51.100.2')
    expect(await call('n', '127.0.0.1:9090')).toBe('b 10.42.1.1')
  })

  test('a sender of UDP with a fixed port that was there before the pod reaches its host port, and the next pod afterwards', async () => {
    const holding = (ip: string, uid: string) =>
      ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'udp', namespace: 'default', uid },
        spec: { containers: [{ name: 'c', ports: [{ containerPort: 5353, hostPort: 5140, protocol: 'UDP' }] }] },
        status: { podIP: ip, phase: 'Running' },
      }) as unknown as KubeObject
    const send = () => call('o', '198.51.100.1:5140', 'UDP', ',sourceport=40140')
    expect(await send()).not.toMatch(/^[ab] /)
    await put([pods, holding('10.42.1.11', 'udp-1')])
    expect(await send()).toMatch(/^a /)
    await put([pods, holding('10.42.1.12', 'udp-2')])
    expect(await send()).toMatch(/^b /)
    cache.remove(pods, { namespace: 'default', name: 'udp' })
    await settled()
    expect(await send()).not.toMatch(/^[ab] /)
  })

  test('a sender of UDP with a fixed port reaches a node port that comes after it, and one that moves', async () => {
    const udp = (nodePort: number) =>
      service('late', { clusterIP: '10.43.0.30', type: 'NodePort', nodePort, ports: [{ port: 53, protocol: 'UDP' }] })
    const send = (port: number) => call('o', `198.51.100.1:${port}`, 'UDP', ',sourceport=40141')
    for (const port of [30130, 30131]) expect(await send(port)).not.toMatch(/^a /)
    await put([services, udp(30130)], [endpointSlices, slice('late', 5353, [['10.42.1.11', 'n1']], 'UDP')])
    expect(await send(30130)).toMatch(/^a /)
    await put([services, udp(30131)])
    expect(await send(30131)).toMatch(/^a /)
    expect(await send(30130)).not.toMatch(/^a /)
  })

  test('a client outside of the source ranges of a load balancer is dropped, by its address and by its node port', async () => {
    const balanced = (loadBalancerSourceRanges: string[]) => ({
      ...service('lb', { clusterIP: '10.43.0.31', type: 'LoadBalancer', nodePort: 30132, ports: [{ port: 80 }], loadBalancerSourceRanges }),
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } },
    })
    await put([services, balanced(['192.0.2.0/24'])], [endpointSlices, slice('lb', 8080, [['10.42.1.11', 'n1']])])
    const doors = ['203.0.113.7:80', '198.51.100.1:30132']
    for (const door of doors) expect(await call('o', door)).toBe('timed out')
    expect(await call('b', '10.43.0.31:80')).toMatch(/^a /)
    expect(await call('n', '127.0.0.1:30132')).toMatch(/^a /)
    await put([services, balanced(['192.0.2.0/24', '198.51.100.0/24', '198.51.0.0/16'])])
    for (const door of doors) expect(await call('o', door)).toMatch(/^a /)
  })

  test("no pod and no neighbour reaches the node's loopback, neither by a slice that names it nor by somebody else's translation", async () => {
    serve(node, 'TCP-LISTEN:9999,fork,reuseaddr,bind=127.0.0.1', 'loopback')
    await until(async () => (await call('n', '127.0.0.1:9999')).startsWith('loopback'))
    await put(
      [services, service('inside', { clusterIP: '10.43.0.32', type: 'NodePort', nodePort: 30133, ports: [{ port: 80 }] })],
      [endpointSlices, slice('inside', 9999, [['127.0.0.1', 'n1']])],
    )
    expect(await call('a', '10.43.0.32:80')).toBe('refused')
    expect(await call('o', '198.51.100.1:30133')).toBe('refused')
    expect(bed.proxy.problems().join()).toContain('endpoint "127.0.0.1" of EndpointSlice default/inside-1 is left out')
    const theirs = 'table ip theirs { chain p { type nat hook prerouting priority -150; ip daddr 10.43.0.77 dnat to 127.0.0.1; }; }\n'
    await inNamespace(node)('nft', ['-f', '-'], { input: theirs })
    for (const from of ['a', 'o']) expect(await call(from, '10.43.0.77:9999')).toBe('timed out')
    await inNamespace(node)('nft', ['delete', 'table', 'ip', 'theirs'])
  })

  test('a pod reaches the world with the address of its node', async () => {
    expect(await call('a', '198.51.100.2:8080')).toBe('remote 198.51.100.1')
    expect(await call('a', '10.42.2.21:8080')).toBe('remote 10.42.1.11')
  })

  test('a Service that was deleted answers no more', async () => {
    await put(
      [services, service('gone', { clusterIP: '10.43.0.21', ports: [{ port: 80 }] })],
      [endpointSlices, slice('gone', 8080, [['10.42.1.11', 'n1']])],
    )
    expect(await call('b', '10.43.0.21:80')).toMatch(/^a/)
    cache.remove(services, { namespace: 'default', name: 'gone' })
    await settled()
    expect(await call('b', '10.43.0.21:80')).toBe('refused')
  })
})
