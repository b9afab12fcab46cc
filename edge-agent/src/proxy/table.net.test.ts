import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { hubSource } from '../link/sync/hub-source.ts'
import { endpointSlices, services } from '../resources.ts'
import { createNft } from './nft.ts'
import { createProxy } from './proxy.ts'
import { service, slice } from './testing/objects.ts'
import { canSend, cidrs, createPacketBed, inNamespace, until, whyNot } from './testing/packet-bed.ts'

describe.skipIf(!canSend)(`the table on a node${whyNot}`, () => {
  const bed = createPacketBed('t')
  const { node, cache, start, stop, call, put, settled } = bed
  beforeAll(bed.begin, 60_000)
  afterAll(bed.end)

  test('rules that nft refuses cost their own Service, the node says so, and all others follow their changes', async () => {
    const culprit = service('no chain is called so', { clusterIP: '10.43.0.33', ports: [{ port: 80 }] })
    await put(
      [services, culprit],
      [endpointSlices, slice('no chain is called so', 8080, [['10.42.1.11', 'n1']])],
      [services, service('beside', { clusterIP: '10.43.0.34', ports: [{ port: 80 }] })],
      [endpointSlices, slice('beside', 8080, [['10.42.1.12', 'n1']])],
    )
    expect(await call('a', '10.43.0.34:80')).toMatch(/^b /)
    expect(bed.proxy.problems()).toContainEqual(
      expect.stringContaining('the rules for port 80/TCP of Service default/no chain is called so are refused'),
    )
    await put([endpointSlices, slice('beside', 8080, [['10.42.1.11', 'n1']])])
    expect(await call('b', '10.43.0.34:80')).toMatch(/^a /)
    cache.remove(services, { namespace: 'default', name: 'no chain is called so' })
    await settled()
    expect(bed.proxy.problems().join()).not.toContain('no chain is called so')
  })

  test('other tables are left alone, and one that drops forwarded packets is named', async () => {
    const theirs = 'table ip theirs { chain FORWARD { type filter hook forward priority 0; policy drop; accept; }; }\n'
    await inNamespace(node)('nft', ['-f', '-'], { input: theirs })
    const nft = createNft({ exec: inNamespace(node) })
    expect(await nft.droppingForwardChains('inet bramble_px')).toEqual(['ip theirs FORWARD'])
    await put([services, service('more', { clusterIP: '10.43.0.22', ports: [{ port: 80 }] })])
    expect((await inNamespace(node)('nft', ['list', 'table', 'ip', 'theirs'])).stdout).toContain('policy drop')
    await inNamespace(node)('nft', ['delete', 'table', 'ip', 'theirs'])
  })

  test('a table that somebody flushed is back at the next look', async () => {
    await put(
      [services, service('back', { clusterIP: '10.43.0.23', ports: [{ port: 80 }] })],
      [endpointSlices, slice('back', 8080, [['10.42.1.11', 'n1']])],
    )
    await inNamespace(node)('nft', ['flush', 'ruleset'])
    await until(async () => (await call('b', '10.43.0.23:80')).startsWith('a '))
  })

  test('an agent that starts again takes over the table, with the choices of clients in it', async () => {
    const three = [
      ['10.42.1.11', 'n1'],
      ['10.42.1.12', 'n1'],
      ['10.42.2.21', 'n2'],
    ] as const
    await put(
      [services, service('kept', { clusterIP: '10.43.0.24', sessionAffinity: 'ClientIP', ports: [{ port: 80 }] })],
      [endpointSlices, slice('kept', 8080, three)],
    )
    const first = (await call('n', '10.43.0.24:80')).split(' ')[0]
    await stop()
    cache.remove(services, { namespace: 'default', name: 'back' })
    start()
    await bed.proxy.settled()
    for (let n = 0; n < 5; n++) expect((await call('n', '10.43.0.24:80')).split(' ')[0]).toBe(first)
    expect(await call('b', '10.43.0.23:80')).toBe('refused')
  })

  test('a node that has never heard of the Services is not ready, and pods wait, until their rules are in place', async () => {
    const fresh = createMemoryCache()
    const over = new AbortController()
    const other = createProxy({ cache: fresh, exec: inNamespace(node), log: silentLog, node: 'n1', instance: 'fresh', ...cidrs })
    let [told, areInPlace] = [0, false]
    other.subscribe(() => (told += 1))
    void other.inPlace().then(() => (areInPlace = true))
    const run = other.run(over.signal)
    hubSource(fresh).replace('services', services, [], '1')
    expect([other.state(), told, areInPlace]).toEqual([
      { ready: false, message: 'the Services of the cluster are not known here yet' },
      0,
      false,
    ])
    hubSource(fresh).replace('endpointslices', endpointSlices, [], '1')
    await other.inPlace()
    expect([other.state(), told]).toEqual([{ ready: true }, 1])
    expect(await call('b', '10.43.99.99:80')).toBe('refused')
    over.abort()
    await run
    await other.removeTable()
    // One that has heard of them in an earlier life is taken at its word.
    const again = createProxy({ cache: fresh, exec: inNamespace(node), log: silentLog, node: 'n1', instance: 'fresh', ...cidrs })
    expect(again.state()).toEqual({ ready: true })
  })

  test('a node that is torn down leaves neither the table nor the switch behind', async () => {
    await stop()
    const localnet = async () => (await inNamespace(node)('sysctl', ['-n', 'net.ipv4.conf.all.route_localnet'])).stdout.trim()
    expect(await localnet()).toBe('1')
    await bed.proxy.removeTable()
    expect(await localnet()).toBe('0')
    expect((await inNamespace(node)('nft', ['list', 'ruleset'])).stdout.trim()).toBe('')
  })
})
